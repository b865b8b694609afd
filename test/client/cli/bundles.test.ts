/** Bundles for machines that never go online: the same verdict as online (I5), folders of them, what lies beside a file, full disks. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { originHash, toHex } from "../../../protocol/index.ts";
import { LAUNCHER } from "../../built.ts";
import { smallDisk } from "../../e2e/small-disk.ts";
import { lacks } from "../../programs.ts";
import { serveFeed } from "../source/feed-server.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { envelopes, keyOf, member, MemoryFeed, OTHER, PURL, SAME, stage, TOOL } from "./stage.ts";
import type { Member, Stage } from "./stage.ts";

const [one, two, three] = [member(1), member(2), member(3)];
const says = (who: Member, what: string): Uint8Array => keyOf(who).link(TOOL, what);
const feed = (seed: number, ...entries: readonly Uint8Array[]): MemoryFeed =>
  new MemoryFeed(seed).append(...entries);
const tookBack = (who: Member): Uint8Array =>
  keyOf(who).retraction(TOOL, [keyOf(who).verified(says(who, SAME)).id]);

/** What two runs must have in common: all but where it came from and how much of the feeds was seen. */
function essence({ code, objects }: Ran): unknown {
  const [object] = objects;
  const votes = (object?.["votes"] ?? []) as Readonly<Record<string, unknown>>[];
  return {
    code,
    verdict: object?.["verdict"],
    decision: object?.["decision"],
    contradiction: object?.["contradiction"],
    agreeing: object?.["agreeing"],
    evidence: ((object?.["evidence"] ?? []) as { kind: string }[]).map(({ kind }) => kind),
    votes: votes.map(({ builder, vote, sha256 }) => [builder, vote, sha256]),
  };
}

const common = ({ folder }: Stage, data: string): string[] => {
  const policy = ["--policy", join(folder, "policy.toml"), "--network", "test"];
  return ["--purl", PURL, ...policy, "--json", "--data", join(folder, data)];
};

const WORLDS: readonly (readonly [what: string, code: number, feeds: () => readonly MemoryFeed[]])[] = [
  ["reproduced", 0, () => [feed(1, says(one, SAME)), feed(2, says(two, SAME))]],
  ["dissent", 1, () => [feed(1, says(one, SAME)), feed(2, says(two, SAME)), feed(3, says(three, OTHER))]],
  ["another file", 1, () => [feed(1, says(one, OTHER)), feed(2, says(two, OTHER))]],
  ["pending", 2, () => [feed(1, says(one, SAME))]],
  ["retracted", 2, () => [feed(1, says(one, SAME)), feed(2, says(two, SAME), tookBack(two))]],
  [
    "forked",
    1,
    () => [
      feed(1, says(one, SAME)),
      feed(2, says(two, SAME), says(one, SAME)),
      feed(2, says(one, SAME), says(three, SAME)),
    ],
  ],
];

for (const [what, code, feeds] of WORLDS) {
  test(`bundle: the same verdict online and offline: ${what}`, async () => {
    const scene = await stage([one, two, three]);
    const mirrors: string[] = [];
    for (const each of feeds()) {
      const { url } = await serveFeed(each);
      mirrors.push(`${url}/feeds/${toHex(originHash(each.origin))}`);
    }
    const out = join(scene.folder, "elsewhere.bundle");
    const ask = ["--mirror", ...mirrors];
    const online = await runCommand(["verify", scene.path, ...common(scene, "a"), ...ask], scene.folder);
    assert.equal(online.code, code, online.err);
    const made = await runCommand(
      ["bundle", scene.path, ...common(scene, "b"), "-o", out, ...ask],
      scene.folder,
    );
    assert.equal(made.code, code, made.err);
    const { octets, artefacts } = made.objects[0] ?? {};
    assert.deepEqual([octets, artefacts], [(await readFile(out)).length, 1]);
    const offline = ["--offline", "--bundle", out];
    const later = await runCommand(["verify", scene.path, ...common(scene, "c"), ...offline], scene.folder);
    assert.deepEqual(essence(later), essence(online), later.err);
  });
}

test("verify: all bundles of a folder count, and a bad one is named", async () => {
  const scene = await stage([one, two]);
  const folder = join(scene.folder, "bundles");
  await mkdir(folder);
  const verify = (): Promise<Ran> => scene.verify([], "--bundle", folder);
  const none = await verify();
  assert.equal(none.code, 66);
  assert.match(none.err, /no \*\.bundle or \*\.jsonl in it/);
  await writeFile(join(folder, "one.dsse.jsonl"), envelopes(says(one, SAME)));
  await writeFile(join(folder, "two.bundle"), envelopes(says(two, SAME)));
  await writeFile(join(folder, "notes.txt"), "no bundle");
  const both = await verify();
  assert.deepEqual([both.code, both.objects[0]?.["agreeing"]], [0, 2]);
  await writeFile(join(folder, "three.bundle"), '{"type":"poem"}\n');
  const bad = await verify();
  assert.equal(bad.code, 4);
  assert.match(bad.err, /bundles\/three\.bundle: bundle line 1: .* \(verdict\/bad-bundle\)/);
});

test(
  "verify: a pipe in a folder of bundles is named, and not waited for",
  { skip: lacks("mkfifo") },
  async () => {
    const scene = await stage([one, two]);
    const folder = join(scene.folder, "bundles");
    await mkdir(folder);
    await writeFile(join(folder, "one.bundle"), envelopes(says(one, SAME)));
    assert.equal(spawnSync("mkfifo", [join(folder, "two.bundle")]).status, 0);
    // In a process of its own: what waits for a pipe can't be stopped from within.
    const words = [LAUNCHER, "verify", scene.path, ...common(scene, "data"), "--offline", "--bundle", folder];
    const ended = spawnSync(process.execPath, words, { encoding: "utf8", timeout: 20_000 });
    assert.equal(ended.status, 66, ended.stderr);
    assert.match(ended.stderr, /bundles\/two\.bundle: it is no file/);
  },
);

test("verify: what lies beside the file is looked at, and a bad one is a warning", async () => {
  const scene = await stage([one, two]);
  assert.equal((await scene.verify([])).code, 69);
  await writeFile(join(scene.folder, "samebits.bundle"), envelopes(says(one, SAME)));
  assert.equal((await scene.verify([])).code, 2);
  await writeFile(`${scene.path}.bundle`, envelopes(says(two, SAME)));
  const both = await scene.verify([]);
  assert.deepEqual([both.code, both.err], [0, ""]);
  // Nobody named it: what does not hold is dropped, the rest counts, and so does what was named.
  const forged = envelopes(keyOf(three).link(TOOL, SAME, { keyid: keyId(two) }));
  await writeFile(`${scene.path}.bundle`, forged);
  const dropped = await scene.verify([envelopes(says(two, SAME))]);
  assert.equal(dropped.code, 0);
  assert.match(dropped.err, /tool\.tar\.gz\.bundle beside the file: not used: 1 item of it/);
  await writeFile(`${scene.path}.bundle`, "no JSON\n");
  const broken = await scene.verify([envelopes(says(two, SAME))]);
  assert.equal(broken.code, 0);
  assert.match(broken.err, /tool\.tar\.gz\.bundle beside the file: not used: .*json\/bad-syntax/);
  // The same one, named, is held to be right.
  assert.equal((await scene.verify([], "--bundle", `${scene.path}.bundle`)).code, 4);
});

function keyId(who: Member): string {
  const [signature] = (
    JSON.parse(new TextDecoder().decode(says(who, SAME))) as { signatures: { keyid: string }[] }
  ).signatures;
  assert.ok(signature !== undefined);
  return signature.keyid;
}

test("bundle: a full disk leaves nothing half-written", async (t: TestContext) => {
  const disk = await smallDisk(1_000_000);
  if (disk === null) return t.skip("no file system can be mounted here");
  const scene = await stage([one, two]);
  await writeFile(join(scene.folder, "samebits.bundle"), envelopes(says(one, SAME), says(two, SAME)));
  const out = join(disk.folder, "out.bundle");
  const run = (): Promise<Ran> =>
    runCommand(["bundle", scene.path, ...common(scene, "a"), "--offline", "-o", out], scene.folder);
  await disk.fill(0);
  const full = await run();
  assert.deepEqual([full.code, full.out], [73, ""]);
  assert.match(full.err, /the disk is full: make room/);
  assert.deepEqual(await readdir(disk.folder), ["ballast"]);
  await disk.empty();
  assert.equal((await run()).code, 0);
  const before = await readFile(out);
  // What is there already stays whole where the new one does not fit.
  await disk.fill(0);
  assert.equal((await run()).code, 73);
  assert.deepEqual(await readFile(out), before);
});
