/** The real apt with two repositories: a rule may ask where apt has a file from. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { before, describe, test } from "node:test";
import { serveHttp } from "../servers.ts";
import { agreed, Machine, policyOf, startFor, whyNot } from "./apt-machine.ts";
import { releaseOf } from "./apt-root.ts";
import type { AptRoot, Made } from "./apt-root.ts";

const LIMIT = { timeout: 120_000 };

/** Two of ours, and of others one is enough; what nobody has built of theirs is only warned of. */
const POLICY = policyOf(`[[rules]]
name = "ours"
match = "pkg:deb/debian/*"
apt_origin = "Our Archive"
apt_suite = ["stable", "stable-*"]
require = { k = 2, of = ["alice", "bob"] }
[[rules]]
name = "others"
match = "pkg:deb/debian/*"
require = { k = 1, of = ["alice", "bob"] }
mode = "warn"
`);

describe("rules by origin and suite", { skip: whyNot() }, () => {
  let machine: Machine;
  let root: AptRoot;
  let loose: Made;
  let older: readonly Made[];

  /** A flat repository with these of the archive's packages, and what its Release file says. */
  const publish = async (name: string, packages: readonly Made[], release: string): Promise<void> => {
    await mkdir(root.at(name));
    const all = (await readFile(root.at("archive/Packages"), "utf8")).trimEnd().split("\n\n");
    const own = all.filter((stanza) => packages.some((one) => stanza.startsWith(`Package: ${one.name}\n`)));
    const list = `${own.map((stanza) => stanza.trimEnd()).join("\n\n")}\n`;
    for (const { path } of packages) await copyFile(path, root.at(`${name}/${basename(path)}`));
    await writeFile(root.at(`${name}/Packages`), list);
    await writeFile(root.at(`${name}/Release`), releaseOf(release, list));
  };
  const install = async (...names: readonly string[]): Promise<readonly [number, string]> => {
    const { code, out } = await root.apt("install", ...names);
    return [code, out];
  };

  before(async () => {
    machine = await Machine.open();
    ({ root } = machine);
    await writeFile(root.at("policy.toml"), POLICY);
    const [mine, theirs, both, later] = [
      await root.make("mine", "1.0"),
      await root.make("theirs", "1.0"),
      await root.make("both", "1.0"),
      await root.make("later", "1.0"),
    ];
    loose = await root.make("loose", "1.0");
    await root.update();
    older = [await root.make("mine", "0.5"), await root.make("theirs", "0.5")];
    await publish("ours", [mine, both], "Origin: Our Archive\nSuite: stable\nCodename: one\n");
    await publish("others", [theirs, both], "Origin: Others\nSuite: stable\n");
    await publish("updates", [later], "Origin: Our Archive\nSuite: x\nCodename: stable-updates\n");
    const sources = ["ours", "others", "updates"].map(
      (name) => `deb [trusted=yes] file:${root.at(name)} ./\n`,
    );
    await writeFile(root.at("sources.list"), sources.join(""));
    await startFor(
      machine,
      ...[mine, theirs, both, later, loose].map((one) => agreed(one)[0] ?? assert.fail()),
    );
    await machine.hook("enforce", "--method");
    const updated = await root.apt("update");
    assert.equal(updated.code, 0, updated.out);
  });

  test("the hook takes the rule for where apt has the file from", LIMIT, async () => {
    const [code, out] = await install("theirs");
    assert.equal(code, 0, out);
    assert.match(out, /1 package · 1 reproduced/);
    // The line before apt asks is the same.
    assert.equal(out.match(/^samebits: 1 package · 1 reproduced$/gm)?.length, 2);
    const [refused, said] = await install("mine", "later");
    assert.equal(refused, 100, said);
    assert.match(said, /2 packages · 2 pending[^]*1 of 2 needed[^]*1 of 2 needed/);
    assert.doesNotMatch(said, /do not tell which rule/);
  });

  test("what several have, and what none has, is held to the strictest rule", LIMIT, async () => {
    const [code, out] = await install("both", loose.path);
    assert.equal(code, 100, out);
    assert.equal(out.match(/1 of 2 needed/g)?.length, 2, out);
    assert.equal(out.match(/Apt's lists do not tell which rule is for it/g)?.length, 2, out);
  });

  test("a file at hand is from where its user says", LIMIT, async () => {
    const verify = async (...more: readonly string[]): Promise<number> => {
      const places = [
        "--policy",
        root.at("policy.toml"),
        "--data",
        machine.data,
        "--network",
        "apt-test",
        "--deadline",
        "0.2",
      ];
      return (await machine.samebits("verify", loose.path, ...places, ...more)).code;
    };
    assert.equal(await verify(), 2);
    assert.equal(await verify("--apt-origin", "Others"), 0);
    assert.equal(await verify("--apt-origin", "Our Archive"), 2, "its suite is not known");
  });

  test("so do the pins after an update, and what is fetched by samebits+http", LIMIT, async () => {
    const served = await serveHttp(({ url = "" }, response) => {
      readFile(root.at(url.slice(1))).then(
        (octets) => response.end(octets),
        () => response.writeHead(404).end(),
      );
    });
    const sources = await readFile(root.at("sources.list"), "utf8");
    await writeFile(root.at("sources.list"), sources.replaceAll(`file:${root.folder}`, `samebits+${served}`));
    assert.equal((await root.apt("update")).code, 0);
    const [theirs, mine] = [
      await root.apt("install", "--reinstall", "--download-only", "theirs"),
      await root.apt("install", "--download-only", "mine"),
    ];
    assert.equal(theirs.code, 0, theirs.out);
    assert.equal(mine.code, 100, mine.out);
    assert.match(mine.out, /E: Failed to fetch samebits\+http.* samebits: held +mine .*1 of 2 needed/);
    // Older ones are installed: only ours is held back.
    for (const one of older) {
      const unpacked = await root.run("dpkg", [`--root=${root.folder}`, "--force-not-root", "-i", one.path]);
      assert.equal(unpacked.code, 0, unpacked.out);
    }
    const updated = await root.apt("update");
    assert.match(updated.out, /2 versions that could be installed · 1 held back[^]*held +mine 1\.0/);
  });
});
