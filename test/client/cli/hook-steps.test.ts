/** What apt's hook says of a package whose rule has steps: as `verify` does, by what the package is without its signature. */
import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { openNear } from "../../../client/cli/apt/index.ts";
import { openPrinter } from "../../../client/cli/print.ts";
import { examine } from "../../../client/verify/index.ts";
import { exitOfDecision } from "../../../protocol/index.ts";
import { Shop } from "../rebuild/shop.ts";
import { runCommand } from "./run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign/deb");
const SIGNERS = ["builder", "release"] as const;

let shop: Shop;
/** Of tiny.deb, where apt has it. */
let path: string;

before(async () => {
  shop = await Shop.open();
  const said: string[] = [];
  const builders: string[] = [];
  for (const [name, vector, step] of [
    ["builder", "tiny.deb", "rebuild"],
    ["release", "tiny.twice.deb", "sign"],
  ] as const) {
    await runCommand(["keygen", name, "--out", shop.folder], shop.folder);
    await copyFile(join(VECTORS, vector), shop.at("tiny.deb"));
    const argv = ["attest", shop.at("tiny.deb"), "--key", shop.at(`${name}.key`), "--step", step, "-o", "-"];
    const { code, out, err } = await runCommand(argv, shop.folder);
    assert.equal(code, 0, err);
    said.push(out);
    builders.push(`[builders.${name}]\nkey = """${await readFile(shop.at(`${name}.pub`), "utf8")}"""`);
  }
  path = shop.at("tiny.deb");
  await writeFile(shop.at("said.jsonl"), said.join(""));
  const steps = SIGNERS.map(
    (name, at) =>
      `{ name = "${["rebuild", "sign"][at]}", ${at === 0 ? "" : 'from = "normal-form", '}require = { k = 1, of = "${name}" } }`,
  );
  const rule = `[[rules]]\nname = "r"\nmatch = "pkg:deb/*/*"\nsteps = [${steps.join(", ")}]`;
  await writeFile(shop.at("policy.toml"), ["version = 1", ...builders, rule, ""].join("\n"));
});

async function hook(file: string): Promise<readonly unknown[]> {
  const near = await openNear(
    {
      mode: "enforce",
      policy: shop.at("policy.toml"),
      state: shop.at("state"),
      data: shop.at("data"),
      bundle: [shop.at("said.jsonl")],
    },
    openPrinter({ quiet: true }),
  );
  const { outcome } = await near.judge([await examine(file, { debNamespace: near.debNamespace })], false);
  return outcome.judged.map(({ verdict }) => [verdict.verdict, exitOfDecision(verdict), verdict.next]);
}

test("a signed package is let through where its builders got what it is without its signature", async () => {
  assert.deepEqual(await hook(path), [["reproduced", 0, null]]);
});

test("another one is not", async () => {
  const bytes = await readFile(path);
  const at = bytes.indexOf("data.tar");
  bytes[at + 100] = (bytes[at + 100] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const [[verdict, exit]] = (await hook(path)) as [[string, number]];
  assert.deepEqual([verdict, exit], ["contradicted", 1]);
});
