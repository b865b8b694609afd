import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildPackage } from "../../scripts/build/package.ts";
import { pastDoors } from "../../scripts/build/past-doors.ts";

const TOP = join(import.meta.dirname, "../..");
const SPEC = join(TOP, "protocol/spec");

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly bin: { readonly samebits: string };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Locked {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

describe("the published package", () => {
  /** A stranger's project in which the tarball is installed. */
  let project: string;
  let installed: string;
  let packed: string[];

  before(async () => {
    project = mkdtempSync(join(tmpdir(), "samebits-build-"));
    installed = join(project, "node_modules/samebits");
    await buildPackage(join(project, "dist"));
    const npm = ["pack", "--silent", "--offline", "--pack-destination", project, join(project, "dist")];
    execFileSync("npm", npm, { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
    mkdirSync(installed, { recursive: true });
    const tarball = join(project, `samebits-${readManifest(TOP).version}.tgz`);
    packed = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", installed]);
    installDependencies();
  });

  after(() => rmSync(project, { recursive: true, force: true }));

  /** What `npm install` of the tarball would bring: everything locked but the tools. */
  function installDependencies(): void {
    const { packages } = JSON.parse(readFileSync(join(TOP, "package-lock.json"), "utf8")) as Locked;
    for (const [path, { dev }] of Object.entries(packages)) {
      if (dev || path.lastIndexOf("node_modules/") !== 0 || !existsSync(join(TOP, path))) continue;
      mkdirSync(dirname(join(project, path)), { recursive: true });
      symlinkSync(join(TOP, path), join(project, path));
    }
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  }

  function runNode(args: string[]): string {
    return execFileSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  }

  it("holds JavaScript, declarations and documents; no source, no tools, no Node", () => {
    const ours =
      /^package\/(package\.json|README\.md|CHANGELOG\.md|LICENSE|THIRD-PARTY\.md|(lib|types|spec)\/.+)$/;
    assert.deepEqual(
      packed.filter((path) => !ours.test(path)),
      [],
    );
    assert.deepEqual(
      packed.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")),
      [],
    );
    for (const name of ["lib/samebits.sh", "lib/main.js", "LICENSE", "README.md"])
      assert.ok(packed.includes(`package/${name}`), name);
  });

  it("has a manifest of its own, whose every path is there", () => {
    const manifest = readManifest(installed);
    for (const member of ["scripts", "devDependencies", "private", "imports"])
      assert.ok(!(member in manifest), member);
    const targets = Object.values(manifest.exports).flatMap((door) =>
      typeof door === "string" ? [door] : Object.values(door),
    );
    for (const target of [
      manifest.bin.samebits,
      ...targets.map((path) => path.replace("*", "verdict.schema.json")),
    ])
      assert.ok(existsSync(join(installed, target)), target);
    assert.deepEqual(Object.keys(manifest.exports), [
      "./protocol",
      "./node",
      "./client",
      "./spec/*",
      "./package.json",
    ]);
    assert.ok("libp2p" in manifest.dependencies);
    const runtime = readFileSync(join(installed, "lib/runtime.js"), "utf8");
    assert.match(runtime, new RegExp(`OLDEST_NODE = "${manifest.engines.node.slice(2)}"`));
  });

  function samebits(...args: string[]): readonly [number | null, string, string] {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
    const options = { cwd: project, env, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(join(installed, "lib/samebits.sh"), args, options);
    return [status, stdout, stderr];
  }

  it("has the command in ASCII: of any other text Node makes a string that is twice as long to read", () => {
    assert.ok(readFileSync(join(installed, "lib/main.js")).every((octet) => octet < 128));
  });

  it("runs the command", () => {
    const { version } = readManifest(installed);
    assert.deepEqual(samebits("--version"), [0, `${version}\n`, ""]);
  });

  it("has every schema, prints the policy's, and describes the HTTP interface by them", () => {
    const schemas = readdirSync(SPEC).filter((name) => name.endsWith(".schema.json"));
    assert.ok(schemas.length > 30);
    for (const name of schemas) assert.ok(packed.includes(`package/spec/${name}`), name);
    const policy = readFileSync(join(SPEC, "policy.schema.json"), "utf8");
    assert.deepEqual(samebits("policy", "schema"), [0, policy, ""]);
    const program = `
      import { defaultConfig, startNode } from "samebits/node";
      const node = await startNode({ ...defaultConfig("data"), log: "silent", api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
      process.stdout.write(await (await fetch(node.api + "/v1/openapi.json")).text());
      await node.close();
      process.exit();`;
    const { components } = JSON.parse(runNode(["--input-type=module", "-e", program])) as {
      components: { schemas: { status: { title: string } } };
    };
    assert.match(components.schemas.status.title, /^How a node is/);
  });

  for (const door of ["protocol", "node", "client"]) {
    it(`opens samebits/${door}`, () => {
      const program = `import * as door from "samebits/${door}"; process.stdout.write(String(Object.keys(door).length)); process.exit()`;
      assert.ok(Number(runNode(["--input-type=module", "-e", program])) > 0);
    });
  }

  it("needs nothing of Node in the browser's protocol", () => {
    const text = readFileSync(join(installed, "lib/protocol.browser.js"), "utf8");
    assert.deepEqual(text.match(/from\s*"node:|\brequire\(|\bprocess\.|(?<!globalThis\.)\bBuffer\./g), null);
  });

  it("declares types that a stranger's compiler takes", () => {
    const good =
      'import { fromHex } from "samebits/protocol";\nexport const bytes: Uint8Array = fromHex("00");\n';
    writeFileSync(join(project, "good.ts"), good);
    writeFileSync(join(project, "bad.ts"), good.replace("Uint8Array", "string"));
    const tsc = [
      join(TOP, "node_modules/typescript/bin/tsc"),
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
    ];
    const flags = [
      "--skipLibCheck",
      "--target",
      "es2024",
      "--typeRoots",
      join(TOP, "node_modules/@types"),
      "--types",
      "node",
    ];
    const compile = (file: string): number | null =>
      spawnSync(process.execPath, [...tsc, ...flags, file], { cwd: project }).status;
    assert.equal(compile("good.ts"), 0);
    assert.notEqual(compile("bad.ts"), 0);
  });
});

describe("pastDoors", () => {
  const file = join(TOP, "protocol/feed/sample.ts");

  it("imports from where a name is made, through doors behind doors", () => {
    const text = 'import { fromHex as read, type Cursor } from "../bytes/index.ts";\nread("00");\n';
    const made = JSON.stringify(join(TOP, "protocol/bytes/text.ts"));
    assert.equal(pastDoors(file, text), `import { fromHex as read } from ${made};\nread("00");\n`);
    const outer = pastDoors(join(TOP, "node/sample.ts"), 'import { fromHex } from "../protocol/index.ts";');
    assert.equal(outer, `import { fromHex as fromHex } from ${made};`);
  });

  it("leaves other imports as they are", () => {
    for (const text of [
      'import { x } from "./tile.ts";',
      'import * as all from "../bytes/index.ts";',
      'import "commander";',
    ]) {
      assert.equal(pastDoors(file, text), text);
    }
  });

  it("says what a door does not export", () => {
    assert.throws(
      () => pastDoors(file, 'import { nothing } from "../bytes/index.ts";'),
      /does not export nothing/,
    );
  });
});
