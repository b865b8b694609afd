/** Debian's in-toto as the judge of layouts and links that samebits writes, and of what is tampered with; and what its tools write, read here. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  buildLayout,
  parsePublicKey,
  readPrivateKey,
  sealMetablock,
  signDomain,
} from "../../../protocol/index.ts";
import { oneStep } from "../../../client/layout/index.ts";
import { lacks } from "../../programs.ts";
import { run, Yard } from "./yard.ts";

const skip = lacks("in-toto-verify", "in-toto-sign", "in-toto-run", "in-toto-keygen", "git");
const CHAIN = `version = 1
expires = "2046-01-01"

[[steps]]
name = "tag"
keys = ["alice.pub"]
materials = ["DISALLOW *"]
products = ["CREATE source", "DISALLOW *"]

[[steps]]
name = "build"
keys = ["bob.pub", "carol.pub", "dave.pub"]
threshold = 2
command = "sh build.sh"
materials = ["MATCH source WITH PRODUCTS FROM tag", "DISALLOW *"]
products = ["CREATE tool.bin", "DISALLOW *"]

[[steps]]
name = "package"
keys = ["dave.pub"]
materials = ["MATCH tool.bin WITH PRODUCTS FROM build", "DISALLOW *"]
products = ["CREATE tool.tar", "DISALLOW *"]

[[steps]]
name = "qa"
keys = ["carol.pub"]
materials = ["MATCH tool.tar WITH PRODUCTS FROM package", "DISALLOW *"]
products = ["DISALLOW *"]

[[inspections]]
name = "files"
run = "true"
materials = ["MATCH tool.tar WITH PRODUCTS FROM package", "DISALLOW *"]
`;

describe("Debian's in-toto and samebits", { skip }, () => {
  let yard: Yard;
  /** A folder of links of all steps, signed by those who may. */
  const links = (name: string): string => yard.at(`links-${name}`);
  const step = (name: string, by: string, ...words: readonly string[]): readonly string[] => [
    "--predicate",
    "step-link",
    "--step",
    name,
    "--key",
    `${by}.key`,
    "-o",
    "links-all",
    ...words,
  ];

  before(async () => {
    yard = await Yard.open("owner", "other", "alice", "bob", "carol", "dave", "mallory");
    await yard.write(
      "build.sh",
      "mkdir -p out; cp tool.c out/tool.bin; echo 'a \"quoted\" \\\\ line'; printf '\\tü\\n' >&2\n",
    );
    await yard.write("tool.c", "int main(void) { return 0; }\n");
    for (const words of [
      ["init", "-q"],
      ["config", "user.name", "Author"],
      ["config", "user.email", "author@example.org"],
      ["add", "tool.c", "build.sh"],
      ["commit", "-q", "-m", "Begin"],
      ["tag", "-a", "-m", "1.0", "v1.0"],
    ])
      assert.equal((await run("git", words)).code, 0);
    await yard.done("attest", ...step("tag", "alice", "--git-product", "v1.0"));
    for (const by of ["bob", "carol"]) {
      const place = ["--product", "out", "--strip", "out", "--git", "v1.0", "--record-streams", "--quiet"];
      await yard.done("rebuild", ...step("build", by, ...place), "--", "sh", "build.sh");
    }
    const pack = ["--material", "out/tool.bin", "--strip", "out", "--product", "tool.tar"];
    await yard.done("rebuild", ...step("package", "dave", ...pack), "--", "cp", "out/tool.bin", "tool.tar");
    const qa = ["--material", "tool.tar", "--record-streams", "--quiet"];
    await yard.done("rebuild", ...step("qa", "carol", ...qa), "--", "echo", "test-result PASSED");
    await yard.write("chain.toml", CHAIN);
    await yard.done("layout", "new", "chain.toml", "-o", "root.layout");
    await yard.done("layout", "sign", "root.layout", "--key", "owner.key");
    await yard.done("layout", "sign", "root.layout", "--key", "other.key");
    for (const owner of ["owner", "other", "mallory"])
      await writeFile(yard.at(`${owner}.json`), (await yard.samebits("layout", "key", `${owner}.pub`)).out);
    await mkdir(yard.at("final"));
    await copyFile(yard.at("tool.tar"), yard.at("final/tool.tar"));
  });
  after(() => yard.close());

  const verify = async (layout: string, folder: string, ...owners: readonly string[]): Promise<string> => {
    const keys = owners.map((owner) => yard.at(`${owner}.json`));
    const types = owners.map(() => "ed25519");
    const argv = ["-l", yard.at(layout), "-k", ...keys, "-t", ...types, "--link-dir", folder];
    const { code, said } = await run("in-toto-verify", argv, yard.at("final"));
    return code === 0 ? "0" : `${code} ${said}`;
  };
  const idOf = (name: string): Promise<string> => yard.id8(name);
  /** The links of all steps, with one thing changed. */
  const changed = async (name: string, change: (folder: string) => Promise<void>): Promise<string> => {
    await mkdir(links(name), { recursive: true });
    assert.equal((await run("cp", ["-r", `${links("all")}/.`, links(name)])).code, 0);
    await change(links(name));
    return links(name);
  };

  test("what samebits wrote passes: steps of files, of a commit, of none; recorded streams", async () => {
    assert.equal(await verify("root.layout", links("all"), "owner"), "0");
    assert.equal(await verify("root.layout", links("all"), "owner", "other"), "0");
    const { signed } = (await yard.json(`links-all/build.${await idOf("bob")}.link`)) as {
      signed: Record<string, unknown>;
    };
    const { materials, products, byproducts, command } = signed;
    assert.deepEqual(Object.keys(products as object), ["tool.bin"]);
    assert.deepEqual(Object.keys((materials as Record<string, object>)["source"] ?? {}).toSorted(), [
      "gitCommit",
      "gitTag",
    ]);
    assert.deepEqual(byproducts, {
      "return-value": 0,
      stdout: 'a "quoted" \u29f5 line\u240a',
      stderr: "\u2409ü\u240a",
    });
    assert.deepEqual(command, ["sh", "build.sh"]);
    const qa = (await yard.json(`links-all/qa.${await idOf("carol")}.link`)) as {
      signed: Record<string, unknown>;
    };
    assert.deepEqual(qa.signed["products"], {});
    assert.deepEqual(qa.signed["byproducts"], {
      "return-value": 0,
      stdout: "test-result PASSED\u240a",
      stderr: "",
    });
  });

  test("what is tampered with fails: a product, a signer, a step, the owner, the end", async () => {
    const other = yard.at("final/tool.tar");
    await writeFile(other, `${await readFile(other, "utf8")}.`);
    assert.match(await verify("root.layout", links("all"), "owner"), /^1 .*tool\.tar/s, "a byte of the file");
    await copyFile(yard.at("tool.tar"), other);

    const [bob, carol, dave] = [await idOf("bob"), await idOf("carol"), await idOf("dave")];
    const byte = await changed("byte", async (folder) => {
      const path = join(folder, `build.${bob}.link`);
      const text = await readFile(path, "utf8");
      await writeFile(
        path,
        text.replace(
          /("tool\.bin":\{"sha256":")(.)/,
          (_, head: string, digit: string) => head + (digit === "0" ? "1" : "0"),
        ),
      );
    });
    assert.match(await verify("root.layout", byte, "owner"), /^1 /, "a digit of a link");

    const forged = await changed("forged", async (folder) => {
      const argv = [
        "--key",
        "mallory.key",
        "--predicate",
        "step-link",
        "--step",
        "package",
        "--material",
        "out/tool.bin",
      ];
      await yard.done("attest", "tool.tar", ...argv, "--strip", "out", "-o", "mallory");
      await copyFile(
        yard.at(`mallory/package.${await idOf("mallory")}.link`),
        join(folder, `package.${dave}.link`),
      );
    });
    assert.match(await verify("root.layout", forged, "owner"), /^1 /, "a link of another key");

    const missing = await changed("missing", (folder) => rm(join(folder, `qa.${carol}.link`)));
    assert.match(
      await verify("root.layout", missing, "owner"),
      /^1 .*LinkNotFoundError/s,
      "a step is missing",
    );
    const few = await changed("few", (folder) => rm(join(folder, `build.${carol}.link`)));
    assert.match(await verify("root.layout", few, "owner"), /^1 .*build/s, "too few");
    assert.match(await verify("root.layout", links("all"), "mallory"), /^1 .*Signature/s, "another owner");

    const key = parsePublicKey(await readFile(yard.at("owner.pub"), "utf8"));
    const seed = readPrivateKey(await readFile(yard.at("owner.key"), "utf8"));
    const over = buildLayout(
      oneStep({
        name: "package",
        functionaries: [parsePublicKey(await readFile(yard.at("dave.pub"), "utf8"))],
        threshold: 1,
        products: ["*.tar"],
        expires: Date.UTC(2020, 0, 1),
        readme: "",
      }),
    );
    await writeFile(yard.at("over.layout"), sealMetablock(over, [{ key, sig: signDomain(seed, over) }]));
    assert.match(await verify("over.layout", links("all"), "owner"), /^1 .*LayoutExpiredError/s);
  });

  test("what in-toto's tools wrote is shown and signed further here, and passes there", async () => {
    for (const name of ["theirs", "runner"])
      assert.equal((await run("in-toto-keygen", ["-t", "ed25519", name])).code, 0);
    const product = ["-p", "tool.tar", "--record-streams", "-k", "runner", "-t", "ed25519"];
    const ran = await run("in-toto-run", [
      "-n",
      "pack",
      ...product,
      "-d",
      "links-theirs",
      "--",
      "echo",
      "packed\t\\",
    ]);
    if (ran.code !== 0) {
      await mkdir(yard.at("links-theirs"), { recursive: true });
      const again = await run("in-toto-run", [
        "-n",
        "pack",
        ...product,
        "-d",
        "links-theirs",
        "--",
        "echo",
        "packed\t\\",
      ]);
      assert.equal(again.code, 0, again.said);
    }
    await yard.done(
      "layout",
      "new",
      "--step",
      "pack",
      "--key",
      "runner.pub",
      "--product",
      "*.tar",
      "-o",
      "theirs.layout",
    );
    const signed = await run("in-toto-sign", ["-f", "theirs.layout", "-k", "theirs", "-t", "ed25519"]);
    assert.equal(signed.code, 0, signed.said);
    await copyFile(yard.at("theirs.pub"), yard.at("theirs.json"));
    assert.equal(await verify("theirs.layout", links("theirs"), "theirs"), "0");

    await yard.done("layout", "sign", "theirs.layout", "--key", "owner.key");
    assert.equal(await verify("theirs.layout", links("theirs"), "theirs", "owner"), "0");
    const more = await run("in-toto-sign", ["-f", "theirs.layout", "-k", "runner", "-t", "ed25519", "-a"]);
    assert.equal(more.code, 0, more.said);
    const shown = await yard.done("layout", "show", "theirs.layout", "--key", "owner.pub");
    assert.equal(
      (shown["signed"] as unknown[]).length,
      2,
      "the owner, and the functionary whose key it names",
    );
    assert.equal((shown["unknown"] as unknown[]).length, 1);

    const [file = ""] = (await run("ls", [links("theirs")])).said.split("\n");
    const link = await yard.done("layout", "show", `links-theirs/${file}`);
    assert.equal(link["step"], "pack");
    assert.deepEqual(link["command"], ["echo", "packed\t\\"]);
    assert.deepEqual([link["return_value"], link["stdout"], link["stderr"]], [0, "packed\t\\\n", ""]);
    assert.equal((await yard.samebits("show", `links-theirs/${file}`)).code, 0);
    await yard.done("layout", "sign", `links-theirs/${file}`, "--key", "owner.key");
    assert.equal(await verify("theirs.layout", links("theirs"), "theirs", "owner"), "0");
  });
});
