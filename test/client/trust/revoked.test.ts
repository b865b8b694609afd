/** A key that is revoked as of a time to come counts until then, and is told as removed from then on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDomain, removedAt } from "../../../client/trust/index.ts";
import { VerdictMemory } from "../../../client/verify/index.ts";
import { RemovedKeys } from "../../../client/watch/index.ts";
import { formatTime, toHex } from "../../../protocol/index.ts";
import { begun, carol, client, dave, NOW, PIN, policyText, release } from "./rig.ts";
import type { Client } from "./rig.ts";
import type { Site } from "./site.ts";

const DAY = 86_400_000;
/** Of the policy's second builder. */
const END = NOW + 2 * DAY;

/** The second key revoked as of a time. */
function revoked(ms: number): string {
  return policyText(carol, dave).replace(
    /key = ("b1[^"]*")/,
    `keys = [{ key = $1, revoked = "${formatTime(ms)}" }]`,
  );
}

async function list(site: Site, version: number, text: string): Promise<void> {
  await release(site, version, { files: [await site.file("policy.toml", text)] });
}

/** A domain with both keys, and one that relies on it. */
async function relying(): Promise<{ readonly site: Site; readonly one: Client }> {
  const site = await begun();
  await list(site, 2, policyText(carol, dave));
  const one = await client();
  await one.add(site);
  return { site, one };
}

/** Times from which on the keys are gone that are at `now`. */
function timesAt({ store }: Client, now: number): readonly number[] {
  return removedAt(openDomain(store, PIN).state, now).map(({ time }) => time);
}

test("it is removed at that second, not the one before, and stays so without another update", async () => {
  const { site, one } = await relying();
  await list(site, 3, revoked(END));
  const { domain } = await one.update(site);
  assert.deepEqual(domain.state.removed, [
    { builder: "b1", key: toHex(dave.key.raw), role: "", version: 3, time: END },
  ]);
  assert.deepEqual(timesAt(one, END - 1_000), []);
  assert.deepEqual(timesAt(one, END), [END]);
  assert.deepEqual(timesAt(one, END + 1_000), [END]);
  await list(site, 4, revoked(END));
  await one.updateAt(END + DAY, site);
  assert.deepEqual(timesAt(one, END + DAY), [END], "since then, and not since the next update");
});

test("the last word counts: another time, none, or at once", async () => {
  const { site, one } = await relying();
  await list(site, 3, revoked(END));
  await one.update(site);
  await list(site, 4, revoked(END + DAY));
  await one.update(site);
  assert.deepEqual([timesAt(one, END), timesAt(one, END + DAY)], [[], [END + DAY]]);
  await list(site, 5, policyText(carol, dave));
  await one.update(site);
  assert.deepEqual(timesAt(one, END + DAY), []);
  await list(site, 6, revoked(END));
  await one.update(site);
  await list(site, 7, policyText(carol));
  await one.updateAt(NOW + DAY, site);
  assert.deepEqual(timesAt(one, NOW + DAY), [NOW + DAY], "taken out before that time");
  await list(site, 8, revoked(NOW + 3 * DAY));
  await one.updateAt(NOW + DAY, site);
  assert.deepEqual(timesAt(one, NOW + DAY), [], "it counts again, for some days");
  await list(site, 9, "version = 2");
  await one.updateAt(NOW + DAY, site);
  assert.deepEqual(timesAt(one, NOW + 3 * DAY), [NOW + 3 * DAY], "what can't be read changes nothing");
});

test("so it is where the domain is pinned only now", async () => {
  const site = await begun();
  await list(site, 2, revoked(END));
  const one = await client();
  await one.add(site);
  assert.deepEqual([timesAt(one, END - 1_000), timesAt(one, END)], [[], [END]]);
  const late = await begun();
  await list(late, 2, revoked(NOW));
  const other = await client();
  await other.add(late);
  assert.deepEqual(timesAt(other, NOW), [], "what never counted here is not told as removed");
});

test("watch tells it at that second, with what rested on it, and once", async () => {
  const { site, one } = await relying();
  await list(site, 3, revoked(END));
  const { domain } = await one.update(site);
  const keys = new RemovedKeys(new VerdictMemory(one.data, "main"), NOW);
  assert.deepEqual(keys.news(domain, END - 1_000), []);
  const [told] = keys.news(domain, END);
  assert.deepEqual(
    { ...told, keyid: "" },
    {
      samebits: 1,
      event: "removed-key",
      domain: PIN,
      role: "",
      version: 3,
      builder: "b1",
      key: toHex(dave.key.raw),
      keyid: "",
      time: formatTime(END),
      verdicts: [],
    },
  );
  assert.deepEqual(keys.news(domain, END + 1_000), []);
});
