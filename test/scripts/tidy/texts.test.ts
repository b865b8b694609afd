import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCodes } from "../../../scripts/tidy/codes.ts";
import { checkNames, checkTexts } from "../../../scripts/tidy/names.ts";
import { checkPackages } from "../../../scripts/tidy/packages.ts";
import { checkSyntax } from "../../../scripts/tidy/syntax.ts";
import { findings } from "./samples.ts";

describe("checkNames", () => {
  it("accepts the house", () => {
    const files = { "protocol/feed/merkle.ts": "", "test/cli/run.test.ts": "", LICENSE: "", ".ci/run": "" };
    assert.deepEqual(findings(checkNames, files), []);
  });

  for (const file of [
    "utils/x.ts",
    "notes.txt",
    "src/index.ts",
    "protocol/util.ts",
    "node/string-helpers.ts",
    "client/Foo.ts",
  ]) {
    it(`refuses ${file}`, () => assert.notDeepEqual(findings(checkNames, { [file]: "" }), []));
  }
});

describe("checkTexts", () => {
  const bad: [string, string][] = [
    ["protocol/x.ts", "// TODO: later"],
    ["docs/x.md", "# X\n\nFIXME"],
    ["test/x.test.ts", 'it.only("x", () => {});'],
    ["test/x.test.ts", 'it.skip("x", () => {});'],
    ["test/x.test.ts", 'it("x", { skip: true }, () => {});'],
    ["node/x.ts", "// @ts-expect-error"],
    ["docs/x.md", "no heading"],
    ["docs/x.md", "# One\n\n# Two\n"],
  ];
  for (const [file, text] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.equal(findings(checkTexts, { [file]: text }).length, 1));
  }

  it("knows comments in examples from headings", () => {
    const text = "# One\n\n```sh\n# a comment\n```\n\n## Part\n";
    assert.deepEqual(findings(checkTexts, { "docs/x.md": text }), []);
  });

  it("names the line", () => {
    assert.match(findings(checkTexts, { "node/x.ts": "\n\n// HACK" })[0] ?? "", /^node\/x\.ts:3: /);
  });
});

describe("checkSyntax", () => {
  const bad: [string, string][] = [
    ["client/x.ts", "async function f(x: AsyncDisposable): Promise<void> { await using y = x; void y; }"],
    ["node/x.ts", "export const x = y as unknown as string;"],
    ["client/x.ts", 'Buffer.from(text, "base64");'],
    ["protocol/feed/x.ts", "use(view.buffer);"],
    ["protocol/feed/x.ts", "parseInt(text, 10);"],
    ["protocol/feed/x.ts", "new RegExp(pattern);"],
    ["protocol/feed/x.ts", "const now = new Date();"],
    ["protocol/feed/x.ts", "await x;"],
    ["protocol/peer/x.ts", "export async function f() {}"],
    ["protocol/feed/x.ts", "const MAX_LENGTH = 5;"],
  ];
  for (const [file, text] of bad) {
    it(`refuses ${text} in ${file}`, () => assert.equal(findings(checkSyntax, { [file]: text }).length, 1));
  }

  const good: [string, string][] = [
    ["node/x.ts", 'await x; parseInt("1", 10); new Date(); Buffer.from(text, "utf8"); view.buffer;'],
    ["protocol/feed/x.ts", 'new RegExp("^a$"); new Date(time); const s = "await parseInt(view.buffer)";'],
    ["protocol/attestation/verify.ts", "export async function f() { await x; }"],
    ["protocol/limits.ts", "export const MAX_LENGTH = 5;"],
    ["test/x.ts", "x as unknown as string;"],
  ];
  for (const [file, text] of good) {
    it(`accepts ${text} in ${file}`, () => assert.deepEqual(findings(checkSyntax, { [file]: text }), []));
  }
});

describe("checkPackages", () => {
  const manifest = JSON.stringify({ dependencies: { level: "10.0.0" } });
  const entry = { version: "10.0.0", integrity: "sha512-x", license: "MIT" };

  function judge(entries: object, text = manifest): string[] {
    const lock = JSON.stringify({ packages: { "": {}, ...entries } });
    const none = JSON.stringify({ packages: {} });
    return findings(checkPackages, {
      "package.json": text,
      "package-lock.json": lock,
      "scripts/runtime/package.json": "{}",
      "scripts/runtime/package-lock.json": none,
      "scripts/nodes/package.json": "{}",
      "scripts/nodes/package-lock.json": none,
    });
  }

  it("accepts exact versions, hashes and compatible licences", () => {
    assert.deepEqual(judge({ "node_modules/level": entry }), []);
    assert.deepEqual(judge({ "node_modules/level": { ...entry, license: "(GPL-2.0 OR MIT)" } }), []);
  });

  const bad: Record<string, object> = {
    "a registry's address": { ...entry, resolved: "https://registry.example/level.tgz" },
    "an entry without a hash": { version: "10.0.0", license: "MIT" },
    "another licence": { ...entry, license: "GPL-3.0-only" },
    "half a licence": { ...entry, license: "MIT AND SSPL-1.0" },
    "no licence": { version: "10.0.0", integrity: "sha512-x" },
    "a platform left out": { ...entry, optionalDependencies: { "level-win32": "1.0.0" } },
  };
  for (const [fault, broken] of Object.entries(bad)) {
    it(`refuses ${fault}`, () => assert.equal(judge({ "node_modules/level": broken }).length, 1));
  }

  it("refuses a command whose script is not there", () => {
    const text = JSON.stringify({ scripts: { test: "node scripts/setup.js && node scripts/test.ts" } });
    const said = judge({}, text);
    assert.equal(said.length, 2);
    assert.match(said[1] ?? "", /npm run test starts scripts\/test\.ts, which is not there/);
  });

  it("refuses a range of versions, and a manifest without a lock", () => {
    const wanting = (version: string): string => JSON.stringify({ devDependencies: { level: version } });
    assert.equal(judge({}, wanting("^10.0.0")).length, 1);
    assert.equal(judge({}, wanting("npm:other@10")).length, 1);
    assert.deepEqual(judge({}, wanting("npm:other@10.0.0")), []);
    assert.equal(findings(checkPackages, {}).length, 3);
  });
});

describe("checkCodes", () => {
  const files = {
    "protocol/errors.ts":
      'export type ProtocolCode =\n  // feed/\n  | "feed/bad" // why\n  | "feed/worse";\n',
    "protocol/feed/x.ts": 'throw new ProtocolError("feed/bad"); throw new ProtocolError("feed/worse");',
    "protocol/spec/errors.md": "# Errors\n\n| `feed/bad` | a feed that … |\n| `feed/worse` | … |\n",
    "test/protocol/feed/x.test.ts": 'throws("feed/bad"); throws("feed/worse");',
  };

  it("accepts a code that is used, explained and asserted", () => {
    assert.deepEqual(findings(checkCodes, files), []);
  });

  it("refuses a code that is not", () => {
    for (const file of [
      "protocol/feed/x.ts",
      "protocol/spec/errors.md",
      "test/protocol/feed/x.test.ts",
    ] as const) {
      const said = findings(checkCodes, {
        ...files,
        [file]: files[file].replace("feed/worse", "feed/other"),
      });
      assert.match(said[0] ?? "", /^protocol\/errors\.ts:4: feed\/worse is /, file);
    }
  });

  it("refuses an explanation of what is no code", () => {
    const spec = `${files["protocol/spec/errors.md"]}| \`feed/gone\` | … |\n`;
    const said = findings(checkCodes, { ...files, "protocol/spec/errors.md": spec });
    assert.deepEqual(said, ["protocol/spec/errors.md:5: feed/gone is no code of ours, or has a row already"]);
  });

  it("refuses an explanation that repeats the code, or comes twice", () => {
    const row = "| `feed/worse` | worse |\n";
    const spec = files["protocol/spec/errors.md"];
    assert.deepEqual(
      findings(checkCodes, {
        ...files,
        "protocol/spec/errors.md": spec.replace("| `feed/worse` | … |\n", row),
      }),
      ["protocol/spec/errors.md:4: feed/worse is explained by its own words"],
    );
    assert.deepEqual(findings(checkCodes, { ...files, "protocol/spec/errors.md": spec + row }), [
      "protocol/spec/errors.md:5: feed/worse is no code of ours, or has a row already",
    ]);
  });

  it("refuses what looks like a code and stands in no table", () => {
    const said = findings(checkCodes, { ...files, "node/x.ts": '\nrefuse("feed/bed"); type("text/plain");' });
    assert.deepEqual(said, ['node/x.ts:2: "feed/bed" stands in no table of codes']);
  });

  it("refuses a code that stands in two tables", () => {
    const said = findings(checkCodes, {
      ...files,
      "node/errors.ts": 'type NodeCode =\n  | "feed/bad";\n',
      "node/x.ts": '"feed/bad"',
    });
    assert.deepEqual(said, ["node/errors.ts:2: feed/bad stands in two tables"]);
  });
});
