import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { parseAttestation, parsePublicKey, utf8, verifyOwn } from "../../../protocol/index.ts";
import type { Verified } from "../../../protocol/index.ts";
import { LAUNCHER } from "../../built.ts";
import { assertPrinted } from "../../json-schemas.ts";

const run = promisify(execFile);
const PURL = "pkg:generic/tool@1.0";
let folder = "";

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs samebits in a world of its own: no configuration, an `--api` where nobody is asked for unless given. */
async function samebits(...args: readonly string[]): Promise<Ran> {
  const ran = await launch(args);
  assertPrinted(args, { ...ran, code: ran.status });
  return ran;
}

async function launch(args: readonly string[]): Promise<Ran> {
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: join(folder, "none"),
    SAMEBITS_NETWORK: "test",
    NO_COLOR: "1",
  };
  try {
    const { stdout, stderr } = await run(
      process.execPath,
      [LAUNCHER, ...args, "--data", join(folder, "data")],
      { env, cwd: folder },
    );
    return { status: 0, out: stdout, err: stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { status: Number(error.code), out: String(error.stdout), err: String(error.stderr) };
  }
}

async function envelopes(path: string): Promise<readonly Verified[]> {
  const key = parsePublicKey(await readFile(join(folder, "tu.pub"), "utf8"));
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const verified = verifyOwn(parseAttestation(utf8(line)), key.raw);
    assert.ok(verified !== null);
    return verified;
  });
}

async function keyId(): Promise<string> {
  const { out } = await samebits("keygen", "other", "--json");
  assert.match(out, /"samebits":1/);
  const file = (await readdir(folder)).find(
    (name) => name.startsWith("tool.bin.") && name.endsWith(".dsse.jsonl"),
  );
  return file?.split(".")[2] ?? "";
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "attest-test-"));
  assert.equal((await samebits("keygen", "tu")).status, 0);
  await writeFile(join(folder, "tool.bin"), "one");
  await writeFile(join(folder, "two.bin"), "two");
});
after(() => rm(folder, { recursive: true, force: true }));

test("one envelope a file, one line each, that its key's holder signed", async () => {
  const { status, out, err } = await samebits(
    "attest",
    "tool.bin",
    "two.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "--json",
  );
  assert.equal(status, 0, err);
  assert.equal(out.trimEnd().split("\n").length, 2);
  const id = await keyId();
  const [only, ...more] = await envelopes(join(folder, `tool.bin.${id}.dsse.jsonl`));
  assert.equal(more.length, 0);
  assert.deepEqual(
    only?.claims.map(({ kind, step, how, file }) => ({ kind, step, how, file })),
    [{ kind: "positive", step: "rebuild", how: "built", file: "tool.bin" }],
  );
});

test("a second digest for a target and step is refused, and --replace takes the first one back (R13)", async () => {
  await writeFile(join(folder, "tool.bin"), "changed");
  const again = await samebits("attest", "tool.bin", "--purl", PURL, "--key", "tu.key");
  assert.equal(again.status, 4);
  assert.match(again.err, /--replace/);
  const other = await samebits(
    "attest",
    "tool.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "--step",
    "test",
    "-o",
    "steps",
  );
  assert.equal(other.status, 0, other.err);
  const replaced = await samebits(
    "attest",
    "tool.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "--replace",
    "-o",
    "new",
  );
  assert.equal(replaced.status, 0, replaced.err);
  const [file = ""] = await readdir(join(folder, "new"));
  const [retraction, fresh] = await envelopes(join(folder, "new", file));
  const [old] = await envelopes(join(folder, file));
  assert.deepEqual(retraction?.claims[0]?.retracts, [old?.id]);
  assert.equal(retraction?.claims[0]?.replacedBy, fresh?.id);
  assert.equal(
    (await samebits("attest", "tool.bin", "--purl", PURL, "--key", "tu.key", "-o", "new")).status,
    0,
  );
});

test("what was signed before stays in the file; what says the same is said anew; another file is left alone", async () => {
  const signed = (...more: readonly string[]): Promise<Ran> =>
    samebits("attest", "two.bin", "--purl", "pkg:generic/two@1.0", "--key", "tu.key", "-o", "kept", ...more);
  for (const more of [
    ["--step", "build"],
    ["--step", "sign"],
    ["--step", "build"],
  ]) {
    const { status, err } = await signed(...more);
    assert.equal(status, 0, err);
  }
  const [file = ""] = await readdir(join(folder, "kept"));
  const path = join(folder, "kept", file);
  const all = await envelopes(path);
  assert.equal(all.map(({ claims }) => claims[0]?.step).join(" "), "sign build");
  await writeFile(path, "my notes");
  const refused = await signed("--step", "review");
  assert.deepEqual([refused.status, /output\/exists/.test(refused.err)], [73, true], refused.err);
  assert.equal(await readFile(path, "utf8"), "my notes");
});

test("what could not be written was never said", async () => {
  await writeFile(join(folder, "three.bin"), "three");
  const signed = (...more: readonly string[]): Promise<Ran> =>
    samebits("attest", "three.bin", "--purl", "pkg:generic/three@1.0", "--key", "tu.key", ...more);
  assert.equal((await signed("-o", join(folder, "two.bin", "x"))).status, 73);
  await writeFile(join(folder, "three.bin"), "another");
  const { status, err } = await signed("-o", "third");
  assert.equal(status, 0, err);
});

test("of commands that sign two results of one target at the same moment, one is refused (R13)", async () => {
  const runs = Array.from({ length: 4 }, async (_, i) => {
    const file = `race-${i}/race.bin`;
    await mkdir(join(folder, `race-${i}`));
    await writeFile(join(folder, file), `bits ${i}`);
    return samebits("attest", file, "--purl", "pkg:generic/race@1.0", "--key", "tu.key");
  });
  const ended = await Promise.all(runs);
  const words = ended.map(({ status, err }) => `${status} ${err}`).toSorted();
  assert.deepEqual(words.map((word) => word.slice(0, 1)).join(""), "0444", words.join(""));
});

test("OpenSSL signs what an air-gapped key is to sign, and opens keys that keygen encrypted", async () => {
  await writeFile(join(folder, "passphrase"), "correct horse\n");
  assert.equal((await samebits("keygen", "safe", "--passphrase-file", "passphrase")).status, 0);
  await run("openssl", ["pkey", "-in", "safe.key", "-passin", "file:passphrase", "-out", "plain.key"], {
    cwd: folder,
  });
  await writeFile(join(folder, "gap.bin"), "gap");
  const emitted = await samebits(
    "attest",
    "gap.bin",
    "--purl",
    PURL,
    "--key",
    "safe.pub",
    "--emit-unsigned",
    "--json",
  );
  assert.equal(emitted.status, 0, emitted.err);
  const name = (await readdir(folder)).find((each) => each.endsWith(".unsigned")) ?? "";
  await run(
    "openssl",
    ["pkeyutl", "-sign", "-rawin", "-inkey", "plain.key", "-in", name, "-out", "gap.sig"],
    { cwd: folder },
  );
  const attached = await samebits("attest", name, "--attach", "gap.sig", "--key", "safe.pub");
  assert.equal(attached.status, 0, attached.err);
  const line = (await readFile(join(folder, name.replace(/unsigned$/, "dsse.jsonl")), "utf8")).trimEnd();
  const key = parsePublicKey(await readFile(join(folder, "safe.pub"), "utf8"));
  assert.ok(verifyOwn(parseAttestation(utf8(line)), key.raw) !== null);
  const wrong = await samebits("attest", name, "--attach", "gap.sig", "--key", "tu.pub");
  assert.equal(wrong.status, 66);
  const changed = await readFile(join(folder, name));
  await writeFile(join(folder, "bad.unsigned"), changed.subarray(1));
  assert.equal(
    (await samebits("attest", "bad.unsigned", "--attach", "gap.sig", "--key", "safe.pub")).status,
    4,
  );
  assert.equal((await samebits("attest", "gap.bin", "--purl", PURL, "--key", "safe.key")).status, 66);
});

test("OpenSSL finds our signature good over the pre-authentication encoding", async () => {
  await writeFile(join(folder, "ours.bin"), "ours");
  const { out, status } = await samebits("attest", "ours.bin", "--purl", PURL, "--key", "tu.key", "-o", "-");
  assert.equal(status, 0);
  const { signedBytes, signatures } = parseAttestation(utf8(out.trimEnd()));
  await writeFile(join(folder, "pae"), signedBytes);
  await writeFile(join(folder, "sig"), signatures[0]?.sig ?? new Uint8Array());
  const verify = [
    "pkeyutl",
    "-verify",
    "-rawin",
    "-pubin",
    "-inkey",
    "tu.pub",
    "-in",
    "pae",
    "-sigfile",
    "sig",
  ];
  assert.match((await run("openssl", verify, { cwd: folder })).stdout, /Verified Successfully/);
  await writeFile(join(folder, "pae"), signedBytes.subarray(1));
  await assert.rejects(run("openssl", verify, { cwd: folder }));
});

test("sums, failures and provenance; retraction by the signer only", async () => {
  await writeFile(join(folder, "SUMS"), `${"ab".repeat(32)}  a.bin\n${"cd".repeat(32)}  b.bin\n`);
  const sums = await samebits("attest", "--sums", "SUMS", "--purl", PURL, "--key", "tu.key", "-o", "sums");
  assert.equal(sums.status, 0, sums.err);
  const [file = ""] = await readdir(join(folder, "sums"));
  assert.equal((await envelopes(join(folder, "sums", file)))[0]?.claims.length, 2);
  const failed = await samebits(
    "attest",
    "--failed",
    "no space",
    "--purl",
    PURL,
    "--name",
    "c.bin",
    "--key",
    "tu.key",
    "-o",
    "-",
  );
  assert.equal(parseAttestation(utf8(failed.out.trimEnd())).claims[0]?.kind, "failed");
  const slsa = await samebits(
    "attest",
    "two.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "--predicate",
    "slsa",
    "-o",
    "-",
  );
  assert.match(parseAttestation(utf8(slsa.out.trimEnd())).predicateType, /slsa/);
  const path = join("sums", file);
  const retracted = await samebits("retract", path, "--key", "tu.key", "--reason", "a mistake", "--json");
  assert.equal(retracted.status, 0, retracted.err);
  assert.match(retracted.out, /"kind":"retraction"/);
  assert.equal((await samebits("retract", path, "--key", "other.key", "--reason", "not mine")).status, 4);
});

test("what makes no sense is refused with 64, what is missing with 66, and without a node with 69", async () => {
  const key = ["--key", "tu.key"];
  assert.equal((await samebits("attest", ...key)).status, 64);
  assert.equal((await samebits("attest", "tool.bin")).status, 64);
  assert.equal((await samebits("attest", "tool.bin", "--purl", PURL, ...key, "--how", "guessed")).status, 64);
  assert.equal((await samebits("attest", "--sums", "SUMS", ...key)).status, 64);
  assert.equal((await samebits("attest", "nothing.bin", "--purl", PURL, ...key)).status, 66);
  assert.equal((await samebits("attest", "tool.bin", ...key)).status, 3);
  assert.equal((await samebits("attest", "two.bin", "--purl", PURL, ...key, "--publish")).status, 69);
  await writeFile(join(folder, "junk"), "junk");
  assert.equal((await samebits("publish", "junk")).status, 4);
});
