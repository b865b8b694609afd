import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCircles } from "../../../scripts/tidy/circles.ts";
import { checkImports } from "../../../scripts/tidy/imports.ts";
import { findings } from "./samples.ts";

/** What is said of one file with one import, where the target is there. */
function judge(path: string, target: string, statement = `import { x } from "${target}";`): string[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const file = target.startsWith(".") ? new URL(target, `file:///${folder}`).pathname.slice(1) : "";
  return findings(checkImports, { [path]: statement, [file]: "export const x = 1;" });
}

describe("checkImports", () => {
  const good: [string, string][] = [
    ["protocol/bytes/json.ts", "./text.ts"],
    ["protocol/bytes/json.ts", "../limits.ts"],
    ["protocol/peer/engine.ts", "../feed/index.ts"],
    ["protocol/index.ts", "./peer/index.ts"],
    ["protocol/crypto/native.ts", "node:crypto"],
    ["protocol/crypto/portable.ts", "@noble/hashes/sha2.js"],
    ["node/driver.ts", "../protocol/index.ts"],
    ["node/mesh/host.ts", "@libp2p/tcp"],
    ["node/mesh/host.ts", "node:net"],
    ["client/verify/verify.ts", "../source/index.ts"],
    ["client/cli/verify.ts", "./demo/index.ts"],
    ["client/cli/demo/cast.ts", "../print.ts"],
    ["test/protocol/bytes/json.test.ts", "../../../protocol/bytes/json.ts"],
    ["scripts/run.js", "../client/cli/runtime.js"],
    ["scripts/sim.ts", "../test/sim/world.ts"],
    ["scripts/tidy.ts", "./tidy/imports.ts"],
  ];
  for (const [path, target] of good) {
    it(`lets ${path} import ${target}`, () => assert.deepEqual(judge(path, target), []));
  }

  const bad: [string, string, RegExp][] = [
    ["protocol/peer/engine.ts", "../feed/merkle.ts", /only a folder's own files see past its index\.ts/],
    ["protocol/bytes/json.ts", "../crypto/index.ts", /bytes \(floor 1\) imports crypto \(floor 2\)/],
    ["protocol/verdict/judge.ts", "../peer/index.ts", /only lower floors/],
    ["protocol/novel/x.ts", "../bytes/index.ts", /protocol\/novel has no floor/],
    ["protocol/bytes/json.ts", "../index.ts", /only lower floors/],
    ["protocol/names.ts", "../node/index.ts", /protocol does not import node/],
    ["protocol/names.ts", "../client/index.ts", /protocol does not import client/],
    ["protocol/bytes/json.ts", "node:fs", /only crypto\/native\.ts/],
    ["protocol/crypto/portable.ts", "node:crypto", /only crypto\/native\.ts/],
    ["protocol/feed/merkle.ts", "@noble/hashes/sha2.js", /is for protocol\/crypto\/portable\.ts.* only/],
    ["protocol/feed/merkle.ts", "#crypto", /is for protocol\/crypto\/ only/],
    ["protocol/feed/merkle.ts", "left-pad", /left-pad has no place/],
    ["node/store/level.ts", "@libp2p/tcp", /is for node\/mesh\/ only/],
    ["node/driver.ts", "../protocol/feed/index.ts", /see past its index\.ts/],
    ["node/driver.ts", "../client/index.ts", /node does not import client/],
    ["client/verify/verify.ts", "libp2p", /is for node\/mesh\/ only/],
    ["client/verify/verify.ts", "../../node/index.ts", /client reaches node only in/],
    ["client/source/peer.ts", "../../node/index.ts", /only by await import/],
    ["client/cli/verify.ts", "./demo/cast.ts", /see past its index\.ts/],
    ["client/cli/verify.ts", "../../test/sim/world.ts", /client does not import test/],
    ["scripts/bench/main.ts", "../../protocol/feed/merkle.ts", /see past its index\.ts/],
    ["scripts/bench/main.ts", "./gone.ts", /which is not there/],
  ];
  for (const [path, target, message] of bad) {
    it(`does not let ${path} import ${target}`, () => {
      const isGone = target === "./gone.ts";
      const said = isGone ? findings(checkImports, { [path]: `import "${target}";` }) : judge(path, target);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", message);
    });
  }

  it("counts types, re-exports, dynamic imports and imports inside types", () => {
    for (const statement of [
      'import type { x } from "../crypto/index.ts";',
      'export { x } from "../crypto/index.ts";',
      'export * from "../crypto/index.ts";',
      'const x = () => import("../crypto/index.ts");',
      'let x: import("../crypto/index.ts").X;',
    ]) {
      assert.equal(judge("protocol/bytes/json.ts", "../crypto/index.ts", statement).length, 1, statement);
    }
  });

  it("lets the two files of client reach node late, and name its types", () => {
    const late =
      'import type {\n  Node,\n} from "../../node/index.ts";\nexport const f = () => import("../../node/index.ts");';
    assert.deepEqual(judge("client/source/peer.ts", "../../node/index.ts", late), []);
  });

  it("does not take words in comments and strings for imports", () => {
    const text = "// import \"../crypto/index.ts\"\nexport const x = `import '../crypto/index.ts'`;";
    assert.deepEqual(findings(checkImports, { "protocol/bytes/json.ts": text }), []);
  });
});

describe("checkCircles", () => {
  it("finds a circle, types counted, and names it once", () => {
    const said = findings(checkCircles, {
      "protocol/bytes/a.ts": 'import { b } from "./b.ts";',
      "protocol/bytes/b.ts": 'import { c } from "./c.ts";',
      "protocol/bytes/c.ts": '\nimport type { A } from "./a.ts";',
    });
    const circle = "protocol/bytes/a.ts → protocol/bytes/b.ts → protocol/bytes/c.ts → protocol/bytes/a.ts";
    assert.deepEqual(said, [`protocol/bytes/c.ts:2: circle: ${circle}`]);
  });

  it("accepts a diamond, and late loading", () => {
    const files = {
      "a.ts": 'import "./b.ts"; import "./c.ts";',
      "b.ts": 'import "./d.ts";',
      "c.ts": 'import "./d.ts";',
      "d.ts": 'export const late = () => import("./a.ts");',
    };
    assert.deepEqual(findings(checkCircles, files), []);
  });
});
