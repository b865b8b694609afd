/** Names that somebody hostile chose do nothing on a screen: no cursor moves, nothing is hidden or turned around; in JSON they stay what they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPrinter } from "../../../client/cli/print.ts";
import {
  debTarget,
  proveContradiction,
  showable,
  showableLine,
  utf8,
  writeEvidence,
} from "../../../protocol/index.ts";
import { Builder } from "../../sim/builder.ts";
import { runCommand } from "./run.ts";
import { file, member, NETWORK, policyText } from "./stage.ts";

/** Right-to-left mark, Arabic letter mark, zero width, soft hyphen, a tag: what a name of a step may hold. */
const HIDING = "re\u200fbu\u061cil\u200bd\u00ad\u{e0041}<script>";
/** What no name may hold, and another program may print all the same. */
const MOVING = "\u001b[2J\u001b]0;title\u0007\u009b31m\u202egpj.exe\u2066x\r\u0000\u0008";

/** All that a screen would not show as it stands; our line feeds and tabs apart. */
function faults(text: string): readonly string[] {
  return [...text.matchAll(/\p{C}|\p{Zl}|\p{Zp}/gu)]
    .map(([found]) => found)
    .filter((found) => !/[\n\t]/.test(found));
}

async function printed(print: (printer: ReturnType<typeof openPrinter>) => void): Promise<string> {
  const texts: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) => ({
    stream,
    write: stream.write.bind(stream),
  }));
  for (const { stream } of streams) {
    stream.write = (chunk: string | Uint8Array): boolean => texts.push(String(chunk)) > 0;
  }
  try {
    print(openPrinter({ verbose: true }));
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
  return texts.join("");
}

test("whatever text a command is given to print, its lines are inert, and stay readable", async () => {
  const text = await printed((printer) => {
    printer.data(`name ${MOVING}${HIDING}`);
    printer.note(MOVING);
    printer.detail(HIDING);
    printer.failure(new Error(MOVING));
    printer.object({ name: `${MOVING}${HIDING}` });
  });
  assert.deepEqual(faults(text), []);
  assert.match(text, /name \\u001b\[2J/);
  const object = text.split("\n").find((line) => line.startsWith("{")) ?? "";
  assert.deepEqual(JSON.parse(object), { name: `${MOVING}${HIDING}` });
});

test("a file whose name has more lines, or colours, makes up no line of ours, and hides nothing", async () => {
  const forged = "no_1.0_all.deb [input/missing]\nsamebits: 1 package · 1 reproduced\n  same     curl";
  const { code, err } = await runCommand(["show", forged]);
  assert.equal(code, 66);
  assert.equal(err.split("\n").length, 2, err);
  assert.match(err, /\\nsamebits: 1 package/);
  const path = await file(`${forged.replaceAll("/", "-")}\u001b[8m.tar`, utf8("x"));
  const policy = await file("policy.toml", utf8(policyText([member(1)], [], 1)));
  const { out } = await runCommand(["verify", "--offline", "--policy", policy, "--network", NETWORK, path]);
  assert.deepEqual(faults(out), []);
  assert.equal(out.split("\n").filter((line) => line.startsWith("samebits: ")).length, 1, out);
  assert.ok(!out.split("\n").some((line) => line.startsWith("  same ")), out);
});

test("showableLine: on one line, whatever it is", () => {
  assert.equal(showableLine("a\n\tb\u001b[8m c"), String.raw`a\n\tb\u001b[8m c`);
});

test("showable: letters, marks and emoji of every script stay; JSON says the same", () => {
  const fine = "Größe 日本語 עברית عربي e\u0301 👩\ufe0f\t\n";
  assert.equal(showable(fine), fine);
  const value = { [HIDING]: MOVING, deep: [HIDING, { x: "\u2028" }] };
  const text = showable(JSON.stringify(value));
  assert.deepEqual(faults(text), []);
  assert.deepEqual(JSON.parse(text), value);
});

test("evidence and attestations with hostile names: checked, shown and told without harm", async () => {
  const target = debTarget({ namespace: "debian", name: "hello", version: "1-1", arch: "amd64" });
  const [one, two] = [new Builder(1), new Builder(2)];
  const links = [
    one.link(target, "bits", { step: HIDING }),
    two.link(target, "other bits", { step: HIDING }),
  ];
  const [a, b] = [one.verified(links[0] ?? assert.fail()), two.verified(links[1] ?? assert.fail())];
  const evidence = proveContradiction(a, b, target.key, []) ?? assert.fail("no contradiction");
  const proof = await file("hostile.json", writeEvidence(evidence));
  const envelope = await file("hostile.jsonl", links[0] ?? assert.fail());
  for (const argv of [
    ["evidence", "check", proof],
    ["show", proof],
    ["show", envelope],
    ["show", envelope, "--json"],
    ["evidence", "check", proof, "--json"],
  ]) {
    const { code, out, err, objects } = await runCommand(argv);
    assert.equal(code, 0, err);
    assert.deepEqual(faults(out + err), [], argv.join(" "));
    if (argv.includes("--json")) assert.equal(objects.length, 1);
    else assert.match(out, /re\\u200fbu\\u061cil\\u200bd/, "what hid is seen");
  }
});
