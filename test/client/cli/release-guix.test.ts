/**
 * Bitcoin Core's two stages as a chain: what the build gives (`noncodesigned`), and with what Apple and Microsoft want signed (`all`). Real lists for the
 * files that stand in both; lists made here, with GnuPG, for one that is signed in between, which nobody can have without its octets.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { chainOf } from "./release-stage.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const run = promisify(execFile);
const TOP = join(import.meta.dirname, "../../..");
const VECTORS = join(TOP, "test/vectors");
const skip = lacks("gpg", "gpgconf");
const SIGNERS = ["ann", "bob"] as const;
const BUILT = "bitcoin-99.0-win64-setup-unsigned.exe";
const SIGNED = "bitcoin-99.0-win64-setup.exe";
const LINUX = "bitcoin-30.2-x86_64-linux-gnu.tar.gz";

async function good(...argv: readonly string[]): Promise<Ran> {
  const ran = await runCommand(argv);
  assert.equal(ran.code, 0, ran.out + ran.err);
  return ran;
}

/** The rule of both stages, `second` how the second hangs on the first. */
function rule(k: number, second: string): string {
  const require = `require = { k = ${k}, of = "role:rebuilder", distinct = "operator" }`;
  return `[[rules]]
name = "bitcoin-core"
match = "pkg:generic/bitcoin-core/*"
steps = [
  { name = "noncodesigned", ${require} },
  { name = "all", ${second}, ${require} },
]
`;
}

async function listed(builder: string, file: string): Promise<string> {
  const text = await readFile(join(VECTORS, "guix-sigs/30.2", builder, "all.SHA256SUMS"), "utf8");
  return (
    text
      .split("\n")
      .find((line) => line.endsWith(`  ${file}`))
      ?.slice(0, 64) ?? ""
  );
}

test("30.2: a file of both lists is the product of both stages", async () => {
  const folder = await newFolder();
  const at = (name: string): string => join(folder, name);
  await good("import", "sums", join(VECTORS, "guix-sigs/30.2"), "--layout", "guix", "-o", at("lists.jsonl"));
  const builders = (await readFile(join(TOP, "docs/examples/bitcoin-core.toml"), "utf8")).replace(
    /\[\[rules\]\][^[]*(?=\[builders)/,
    "",
  );
  await writeFile(at("policy.toml"), builders + rule(5, `from = "same"`));
  const judge = (sha256: string): Promise<Ran> => {
    const what = ["--purl", "pkg:generic/bitcoin-core/bitcoin@30.2", "--name", LINUX, "--sha256", sha256];
    const how = ["--policy", at("policy.toml"), "--bundle", at("lists.jsonl"), "--offline", "--json"];
    return runCommand(["verify", ...what, ...how]);
  };
  const both = await judge(await listed("laanwj", LINUX));
  assert.equal(both.code, 0, both.out + both.err);
  assert.deepEqual(chainOf(both), [`noncodesigned ${LINUX} reproduced`, `all ${LINUX} reproduced`]);
  assert.equal((await judge("ab".repeat(32))).code, 1);
});

const agents: string[] = [];
after(async () => {
  for (const home of agents) await run("gpgconf", ["--homedir", home, "--kill", "all"]);
});

interface Lists {
  readonly folder: string;
  readonly verify: (...how: readonly string[]) => Promise<Ran>;
}

/** Lists of two builders who built the EFI program `unsigned` and attached a signature, with which it is `signed`. */
async function lists(unsigned: string, signed: string): Promise<Lists> {
  const folder = await newFolder();
  const at = (name: string): string => join(folder, name);
  const home = at("gnupg");
  await mkdir(home, { mode: 0o700 });
  agents.push(home);
  const gpg = (...args: readonly string[]): Promise<unknown> =>
    run("gpg", ["--homedir", home, "--batch", "--quiet", "--armor", ...args]);
  await copyFile(join(VECTORS, "unsign/pe", unsigned), at(BUILT));
  await copyFile(join(VECTORS, "unsign/pe", signed), at(SIGNED));
  const row = async (name: string): Promise<string> =>
    `${createHash("sha256")
      .update(await readFile(at(name)))
      .digest("hex")}  ${name}\n`;
  const first = await row(BUILT);
  const second = `${"c".repeat(64)}  bitcoin-99.0-codesignatures-99.0.tar.gz\n${first}${await row(SIGNED)}`;
  await mkdir(at("sigs/builder-keys"), { recursive: true });
  for (const signer of SIGNERS) {
    const place = at(`sigs/99.0/${signer}`);
    await mkdir(place, { recursive: true });
    const user = `${signer}@example.org`;
    await gpg("--passphrase", "", "--quick-generate-key", user, "ed25519", "sign", "never");
    await gpg("--output", at(`sigs/builder-keys/${signer}.gpg`), "--export", user);
    for (const [name, text] of [
      ["noncodesigned", first],
      ["all", second],
    ] as const) {
      const list = join(place, `${name}.SHA256SUMS`);
      await writeFile(list, text);
      await gpg("--local-user", user, "--output", `${list}.asc`, "--detach-sign", list);
    }
  }
  await good("import", "sums", at("sigs"), "--layout", "guix", "-o", at("lists.jsonl"));
  const keys = SIGNERS.map((signer) => at(`sigs/builder-keys/${signer}.gpg`));
  const { out } = await good("import", "keys", ...keys);
  const renames = `from = "normal-form", renames = { "-setup-unsigned.exe" = "-setup.exe" }`;
  await writeFile(at("policy.toml"), `version = 1\n${out}${rule(2, renames)}`);
  const what = ["verify", at(SIGNED), "--purl", "pkg:generic/bitcoin-core/bitcoin@99.0"];
  const common = ["--policy", at("policy.toml"), "--bundle", at("lists.jsonl"), "--offline", "--json"];
  return { folder, verify: (...how) => runCommand([...what, ...common, ...how]) };
}

test("a file that is signed between the stages: with the unsigned one at hand", { skip }, async () => {
  const { folder, verify } = await lists("tiny.efi", "tiny.a.efi");
  const both = await verify("--unsigned", join(folder, BUILT));
  assert.equal(both.code, 0, both.out + both.err);
  assert.deepEqual(chainOf(both), [`noncodesigned ${BUILT}.unsigned reproduced`, `all ${SIGNED} reproduced`]);
  // A list has the digest of the unsigned file, which is not its normal form: without the file nobody knows that it is the same.
  const alone = await verify();
  assert.deepEqual([alone.code, alone.objects[0]?.["verdict"]], [2, "pending"], alone.out);
  assert.match(
    String(alone.objects[0]?.["next"]),
    /^bring the file that .* got, as --unsigned FILE, or ask /,
  );
});

test("a signed file that is another one than was built", { skip }, async () => {
  const { folder, verify } = await lists("fbx64.efi", "tiny.a.efi");
  const refused = await verify("--unsigned", join(folder, BUILT));
  assert.equal(refused.code, 4);
  assert.match(refused.err, /"code":"artifact\/not-unsigned"/);
  // What was really signed is brought. The lists have another digest, of a file that is not here and might have the same normal form.
  const other = join(await newFolder(), BUILT);
  await copyFile(join(VECTORS, "unsign/pe/tiny.efi"), other);
  const pending = await verify("--unsigned", other);
  assert.deepEqual(
    [pending.code, chainOf(pending)],
    [2, [`noncodesigned ${BUILT}.unsigned pending`, `all ${SIGNED} reproduced`]],
    pending.out,
  );
});
