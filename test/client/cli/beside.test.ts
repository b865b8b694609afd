/** A bundle beside a download: with a pinned trust domain it is all that a machine needs, and whatever stands in it, it makes no verdict better than what builders signed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseTarget } from "../../../protocol/index.ts";
import { LAUNCHER } from "../../built.ts";
import { lacks } from "../../programs.ts";
import {
  envelopes,
  feedBundle,
  FILE,
  keyOf,
  member,
  MemoryFeed,
  OTHER,
  PURL,
  SAME,
  stage,
  TOOL,
} from "./stage.ts";
import type { Member } from "./stage.ts";
import { Machine, one, PIN, three, two } from "./trust-machine.ts";

const stranger = member(9);
const says = (who: Member, what = SAME): Uint8Array => keyOf(who).link(TOOL, what);

test("samebits.bundle beside a download verifies with the pinned domain's policy, offline, with nothing else", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  await rm(machine.site.folder, { recursive: true });
  const download = join(machine.home, "download");
  await mkdir(download);
  const [path, bundle] = [join(download, FILE), join(download, "samebits.bundle")];
  await writeFile(path, SAME);
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: join(machine.home, "config"),
    XDG_DATA_HOME: join(machine.home, "data"),
  };
  const verify = (
    ...options: readonly string[]
  ): { readonly code: number | null; readonly verdict: unknown } => {
    const words = [LAUNCHER, "verify", path, "--purl", PURL, "--offline", "--json", ...options];
    const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
    return { code: status, verdict: (JSON.parse(stdout) as { verdict: unknown }).verdict };
  };
  assert.deepEqual(verify(), { code: 69, verdict: "pending" });
  await writeFile(bundle, envelopes(says(one), says(two)));
  for (const options of [[], ["--policy", `domain:${PIN}`], ["--policy", `domain:${PIN.slice(0, 12)}`]])
    assert.deepEqual(verify(...options), { code: 0, verdict: "reproduced" });
  await writeFile(path, OTHER);
  assert.deepEqual(verify(), { code: 1, verdict: "contradicted" });
  await writeFile(path, SAME);
  // Whom the domain does not name has no vote, however many they are.
  await writeFile(bundle, envelopes(says(one), says(three), says(stranger)));
  assert.deepEqual(verify(), { code: 2, verdict: "pending" });
});

const keyId = (who: Member): string => {
  const envelope = JSON.parse(new TextDecoder().decode(says(who))) as { signatures: { keyid: string }[] };
  return envelope.signatures[0]?.keyid ?? assert.fail();
};
const tampered = (): Uint8Array => {
  const text = new TextDecoder().decode(says(two, OTHER));
  const { payload } = JSON.parse(new TextDecoder().decode(says(two))) as { payload: string };
  return new TextEncoder().encode(text.replace(/"payload":"[^"]*"/, `"payload":"${payload}"`));
};
const dissent = says(three, OTHER);
const retracted = (by: Member): Uint8Array => keyOf(by).retraction(TOOL, [keyOf(three).verified(dissent).id]);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const HOSTILE: readonly (readonly [what: string, bytes: () => Uint8Array])[] = [
  ["nothing", () => text("")],
  ["junk", () => text("no JSON\n")],
  ["octets that are no text", () => Uint8Array.of(0x7b, 0xff, 0x0a)],
  ["a nest of a million brackets", () => text("[".repeat(1_000_000))],
  ["a line of two megabytes", () => text(`{"payload":"${"A".repeat(2_000_000)}"}\n`)],
  ["proofs that prove nothing", () => text('{"type":"evidence","evidence":{}}\n')],
  ["the same claim again and again", () => envelopes(says(one), says(one), says(one))],
  ["a stranger's claims", () => envelopes(says(stranger), says(member(8)))],
  [
    "a stranger under a builder's key id",
    () => envelopes(keyOf(stranger).link(TOOL, SAME, { keyid: keyId(two) })),
  ],
  ["a builder's signature under another statement", () => envelopes(tampered())],
  ["a builder's claim that is cut off", () => says(two).slice(0, -40)],
  [
    "a builder's claim of another version",
    () => envelopes(keyOf(two).link(parseTarget("pkg:generic/tool@2.0", FILE), SAME)),
  ],
  [
    "a builder's claim of another file",
    () => envelopes(keyOf(two).link(parseTarget(PURL, "other.tar.gz"), SAME)),
  ],
  ["a builder's claim of another step", () => envelopes(keyOf(two).link(TOOL, SAME, { step: "review" }))],
  [
    "a stranger's feed, all of it",
    () => feedBundle([{ feed: new MemoryFeed(9).append(says(stranger)), time: Date.now() }]),
  ],
  ["others who take the dissent back", () => envelopes(retracted(stranger), retracted(one))],
];

test("whatever lies beside a file, it makes no verdict better", async () => {
  for (const [named, code, verdict] of [
    [envelopes(says(one)), 2, "pending"],
    [envelopes(says(one), says(two), dissent), 1, "contradicted"],
    [envelopes(says(one), dissent), 1, "contradicted"],
  ] as const) {
    // Each machine for itself: a proof of dissent is remembered.
    const scene = await stage([one, two, three]);
    const beside = join(scene.folder, "samebits.bundle");
    for (const [what, bytes] of HOSTILE) {
      for (const place of [beside, `${scene.path}.bundle`]) {
        await writeFile(place, bytes());
        const ended = await scene.verify([named]);
        await rm(place);
        const [object] = ended.objects;
        assert.deepEqual([ended.code, object?.["verdict"]], [code, verdict], `${what}: ${ended.err}`);
      }
    }
  }
  // What the same place does where it is true.
  const scene = await stage([one, two, three]);
  await writeFile(join(scene.folder, "samebits.bundle"), envelopes(says(two)));
  assert.equal((await scene.verify([envelopes(says(one))])).code, 0);
});

test(
  "a pipe or a folder of that name is told of, and not waited for",
  { skip: lacks("mkfifo") },
  async () => {
    const scene = await stage([one, two]);
    const named = envelopes(says(one), says(two));
    await mkdir(join(scene.folder, "samebits.bundle"));
    assert.equal(spawnSync("mkfifo", [`${scene.path}.bundle`]).status, 0);
    const { code, err } = await scene.verify([named]);
    assert.equal(code, 0, err);
    assert.match(err, /tool\.tar\.gz\.bundle beside the file: not used: it is no file/);
    assert.match(err, /samebits\.bundle beside the file: not used: it is no file/);
  },
);
