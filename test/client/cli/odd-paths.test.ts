/** Paths at which nothing can be looked at: links in a circle, names that are too long, folders that are closed. No command takes them for a bug of its own. */
import assert from "node:assert/strict";
import { cp, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { Bench } from "./failing.ts";
import { runCommand } from "./run.ts";
import { envelopes, keyOf, member, PURL, SAME, stage, TOOL } from "./stage.ts";

let bench: Bench;
const odd: Record<string, string> = {};
before(async () => {
  bench = await Bench.open();
  odd["a circle"] = bench.at("circle");
  await symlink("circle", bench.at("circle"));
  odd["a long name"] = bench.at("x".repeat(300));
  odd["a long name alone"] = "x".repeat(300);
  odd["behind a circle"] = bench.at("circle/file");
  odd["behind a file"] = bench.at("tool.bin/file");
});

type Names = (path: string) => readonly string[];
const INPUTS: readonly (readonly [what: string, argv: Names])[] = [
  ["verify", (path) => bench.verify().with(1, path)],
  ["verify --bundle", (path) => bench.verify("--bundle", path)],
  ["verify --links", (path) => bench.verify("--links", path)],
  ["verify --key", (path) => bench.verify("--vsa", bench.at("vsa"), "--key", path)],
  ["verify --against", (path) => bench.verify("--against", path)],
  ["verify --manifest", (path) => ["verify", "--manifest", path, "--policy", bench.at("policy.toml")]],
  ["attest", (path) => ["attest", path, "--purl", PURL, ...bench.signing()]],
  ["attest --material", (path) => bench.attest("--material", path)],
  ["unsign", (path) => ["unsign", path]],
  ["unsign --tree", (path) => ["unsign", "--tree", path]],
  ["show", (path) => ["show", path]],
  ["evidence check", (path) => ["evidence", "check", path]],
  ["layout show", (path) => ["layout", "show", path]],
  ["layout sign", (path) => ["layout", "sign", path, "--key", bench.at("tu.key")]],
  ["trust show", (path) => ["trust", "show", path]],
  ["trust sign", (path) => ["trust", "sign", path, "--key", bench.at("tu.key")]],
  ["import in-toto", (path) => ["import", "in-toto", path, "-o", bench.at("brought")]],
  [
    "rebuild --product",
    (path) => [
      "rebuild",
      "--product",
      path,
      "-o",
      bench.at("out"),
      "--purl",
      PURL,
      ...bench.signing(),
      "--",
      "true",
    ],
  ],
  [
    "rebuild --material",
    (path) => {
      const product = ["-o", bench.at("out"), "--product", bench.at("tool.bin"), "--purl", PURL];
      return [
        "rebuild",
        "--material",
        path,
        ...product,
        ...bench.signing(),
        "--",
        "touch",
        bench.at("tool.bin"),
      ];
    },
  ],
];

for (const [what, argv] of INPUTS) {
  test(`what can't be looked at is no input: ${what}`, async () => {
    for (const [kind, path] of Object.entries(odd)) {
      const { code, err } = await runCommand(argv(path));
      // A command that ran and gave no product is another thing than a file that was never there.
      const isProduct = what === "rebuild --product" && kind === "behind a file";
      // No artefact has a name that long.
      const isNone = what === "attest" && kind.startsWith("a long name");
      assert.equal(code, isProduct ? 1 : isNone ? 64 : 66, `${kind}: ${err}`);
    }
  });
}

test("beside a file they are as if nothing was there", async () => {
  const scene = await stage([member(1), member(2)]);
  const named = join(scene.folder, "named");
  await writeFile(named, envelopes(...[member(1), member(2)].map((who) => keyOf(who).link(TOOL, SAME))));
  const long = join(scene.folder, "y".repeat(250));
  await cp(scene.path, long);
  for (const name of ["samebits.bundle", "tool.tar.gz.bundle"]) await symlink(name, join(scene.folder, name));
  const judged = [
    "--purl",
    PURL,
    "--policy",
    join(scene.folder, "policy.toml"),
    "--offline",
    "--bundle",
    named,
  ];
  const plain = await runCommand(["verify", scene.path, ...judged, "--network", "test"], scene.folder);
  assert.equal(plain.code, 0, plain.err);
  const other = await runCommand(["verify", long, ...judged, "--network", "test"], scene.folder);
  assert.equal(other.code, 2, other.err);
});

test("a data folder that can't be: the doctor says so", async () => {
  for (const path of Object.values(odd)) {
    const ran = await runCommand(["doctor", "--data", path]);
    assert.equal(ran.code, 1, ran.err);
    assert.match(ran.out, /fail +data/);
  }
});
