/** Debian's in-toto by its commands: what `in-toto-run` and `in-toto-sign` make, and what we write, gets one verdict from `in-toto-verify` and here. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { run } from "../e2e/apt-rig.ts";
import { lacks } from "../programs.ts";
import { casesOf } from "./families.ts";
import { judgeHere } from "./ours.ts";
import { ourId, writeBySamebits } from "./samebits.ts";
import { openWorld } from "./world.ts";
import type { World } from "./world.ts";
import { actorOf, FILES, hurt, keyOf, LAYOUT, LINKS, place, wantedOf } from "./write.ts";
import { lacksInToto } from "./in-toto.ts";

const skip = lacks("in-toto-run", "in-toto-sign", "in-toto-verify") || lacksInToto();
let world: World;

before(async () => {
  if (skip === false) world = await openWorld();
});

/** Those who sign or are asked for, as in-toto's commands read their keys: NAME and NAME.pub. */
function writeKeys(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const { secret } = actorOf(world.cast, name);
    const { keyid } = keyOf(world.cast, name);
    const head = { keytype: "ed25519", scheme: "ed25519", keyid_hash_algorithms: ["sha256", "sha512"] };
    const keyval = { public: secret.public };
    place(join(folder, `${name}.pub`), JSON.stringify({ ...head, keyval }));
    place(
      join(folder, name),
      JSON.stringify({ ...head, keyid, keyval: { ...keyval, private: secret.private } }),
    );
  }
}

/** Who the owner is, in words for `in-toto-verify`. */
function asOwner(folder: string, names: readonly string[]): readonly string[] {
  return ["-k", ...names.map((name) => join(folder, `${name}.pub`)), "-t", ...names.map(() => "ed25519")];
}

/** The exit status of `in-toto-verify`, which has to be 0 exactly where samebits passes the chain. */
async function assertOne(what: string, folder: string, owners: readonly string[]): Promise<boolean> {
  const at = { layout: join(folder, LAYOUT), links: join(folder, LINKS), files: join(folder, FILES) };
  writeKeys(join(folder, "keys"), owners);
  const keys = asOwner(join(folder, "keys"), owners);
  const words = ["-C", at.files, "in-toto-verify", "-l", at.layout, ...keys, "--link-dir", at.links];
  const [{ code, output }, ours] = await Promise.all([
    run("env", words),
    judgeHere({ ...at, owners: owners.map((name) => actorOf(world.cast, name).key), parameters: null }),
  ]);
  assert.equal(
    code,
    ours.pass ? 0 : 1,
    `${what}: in-toto-verify ends with ${code}, ${output}; samebits: ${ours.why}`,
  );
  return ours.pass;
}

/** Two steps by in-toto-run in `source`, and a layout that in-toto-sign signed. */
async function byCommands(folder: string): Promise<void> {
  const keys = join(folder, "keys");
  const source = join(folder, "source");
  writeKeys(keys, ["owner", "alice", "bob"]);
  mkdirSync(join(folder, LINKS), { recursive: true });
  place(join(source, "src/hello.c"), "int main(void) { return 0; }\n");
  const step = async (name: string, by: string, words: readonly string[]): Promise<void> => {
    const signing = [
      "-n",
      name,
      "-k",
      join(keys, by),
      "-t",
      "ed25519",
      "--metadata-directory",
      join(folder, LINKS),
    ];
    const { code, output } = await run("env", ["-C", source, "in-toto-run", ...signing, ...words]);
    assert.equal(code, 0, output);
  };
  await step("tag", "alice", ["-p", "src", "--", "true"]);
  await step("build", "bob", ["-m", "src", "-p", "src", "hello.deb", "--", "cp", "src/hello.c", "hello.deb"]);
  const listed = ["alice", "bob"].map((name) => [keyOf(world.cast, name).keyid, keyOf(world.cast, name)]);
  const item = (name: string, by: string, materials: string[][], products: string[][]): object => ({
    _type: "step",
    name,
    threshold: 1,
    pubkeys: [keyOf(world.cast, by).keyid],
    expected_command: [],
    expected_materials: materials,
    expected_products: products,
  });
  const match = ["MATCH", "src/*", "WITH", "PRODUCTS", "FROM", "tag"];
  const rest = ["DISALLOW", "*"];
  const signed = {
    _type: "layout",
    expires: "2046-01-01T00:00:00Z",
    readme: "",
    keys: Object.fromEntries(listed) as object,
    steps: [
      item("tag", "alice", [rest], [["CREATE", "src/*"], rest]),
      item("build", "bob", [match, rest], [["CREATE", "*.deb"], match, rest]),
    ],
    inspect: [
      {
        _type: "inspection",
        name: "look",
        run: ["true"],
        expected_materials: [["MATCH", "*.deb", "WITH", "PRODUCTS", "FROM", "build"], rest],
        expected_products: [],
      },
    ],
  };
  place(join(folder, LAYOUT), JSON.stringify({ signatures: [], signed }));
  const signing = ["-f", join(folder, LAYOUT), "-k", join(keys, "owner"), "-t", "ed25519"];
  const { code, output } = await run("in-toto-sign", signing);
  assert.equal(code, 0, output);
  place(join(folder, FILES, "hello.deb"), "int main(void) { return 0; }\n");
}

test(
  "what in-toto-run and in-toto-sign make passes here and there, and fails with anything done to it",
  { skip },
  async () => {
    const good = join(world.folder, "commands");
    await byCommands(good);
    assert.ok(await assertOne("as it was made", good, ["owner"]));
    const links = readdirSync(join(good, LINKS));
    const link = (step: string): string => join(LINKS, links.find((name) => name.startsWith(step)) ?? "");
    const harm: Readonly<Record<string, (folder: string) => void>> = {
      "another product": (folder) => place(join(folder, FILES, "hello.deb"), "evil"),
      "one product more": (folder) => place(join(folder, FILES, "more.deb"), "evil"),
      "an octet of a link's signature": (folder) => hurt(join(folder, link("build")), "signature"),
      "an octet of a link": (folder) => hurt(join(folder, link("tag")), "content"),
      "an octet of the layout's signature": (folder) => hurt(join(folder, LAYOUT), "signature"),
      "an octet of the layout": (folder) => hurt(join(folder, LAYOUT), "content"),
      "half of a link": (folder) => hurt(join(folder, link("build")), "cut"),
      "a link of another step": (folder) => cpSync(join(folder, link("tag")), join(folder, link("build"))),
    };
    await Promise.all(
      Object.entries(harm).map(async ([what, harmed], at) => {
        const folder = join(world.folder, `harmed ${at}`);
        cpSync(good, folder, { recursive: true });
        harmed(folder);
        assert.equal(await assertOne(what, folder, ["owner"]), false, what);
      }),
    );
    assert.equal(await assertOne("another owner", good, ["mallory"]), false);
  },
);

test(
  "in-toto-verify ends with 0 for what we wrote exactly where it passes here, else with 1",
  { skip },
  async () => {
    const drawn = casesOf(7).filter(
      ({ name, sketch }) => /^(thresholds|tampering)/.test(name) && !sketch.owners.includes("rita"),
    );
    const results = await Promise.all(
      drawn.slice(74, 86).map(({ name, sketch }) => {
        const folder = join(world.folder, name);
        writeBySamebits(
          world.cast,
          folder,
          wantedOf(world.cast, sketch, folder, ourId(world.cast)),
          "metablock",
        );
        return assertOne(name, folder, sketch.owners);
      }),
    );
    assert.ok(results.includes(true) && results.includes(false));
  },
);
