import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, proseOf } from "./markdown.ts";
import { isBackground, isShown, readTranscript } from "./transcript.ts";

test("a console block is commands and what each prints", () => {
  const text = "$ samebits status\nnode  one\nfeeds  2\n$ samebits publish \\\n>   a.jsonl\n$ echo $?\n0";
  assert.deepEqual(readTranscript(text), [
    { command: "samebits status", shown: "node  one\nfeeds  2\n" },
    { command: "samebits publish \\\n  a.jsonl", shown: "" },
    { command: "echo $?", shown: "0\n" },
  ]);
  assert.throws(() => readTranscript("node  one\n$ samebits status"), /begins with/);
});

test("output is compared as it stands", () => {
  assert.ok(isShown("two of (2)\n", "two of (2)\n"));
  assert.ok(isShown("", ""));
  for (const output of [
    "",
    "two of (2)",
    "two of 2\n",
    "two of (2) \n",
    "two of (2)\n\n",
    "and two of (2)\n",
  ])
    assert.ok(!isShown("two of (2)\n", output), output);
});

test("an ellipsis in a line is at least one character of that line", () => {
  assert.ok(isShown("file …  (… octets)\n", "file a.bundle  (3413 octets)\n"));
  for (const output of [
    "file   (3 octets)\n",
    "file a  ( octets)\n",
    "file a\n  (3 octets)\n",
    "file a  (3 octets) x\n",
  ])
    assert.ok(!isShown("file …  (… octets)\n", output), output);
});

test("a line that is an ellipsis is at least one line", () => {
  assert.ok(isShown("first\n…\nlast\n", "first\none\ntwo\nlast\n"));
  assert.ok(isShown("first\n…\n", "first\none\n"));
  for (const output of ["first\nlast\n", "first\none\nlast\nmore\n", "first one\nlast\n"])
    assert.ok(!isShown("first\n…\nlast\n", output), output);
});

test("a command with & at its end goes on by itself", () => {
  assert.ok(isBackground("samebits node &"));
  assert.ok(!isBackground("true && samebits status"));
});

test("fences are found with their language, their file and the note above", () => {
  const text = [
    "# Page",
    "<!-- not run: it takes a day -->",
    "```sh",
    "sleep 86400",
    "```",
    "between",
    "<!-- needs: jq curl -->",
    "```toml policy.toml",
    "version = 1",
    "",
    "[default]",
    "```",
  ].join("\n");
  assert.deepEqual(
    blocksOf("x.md", text).map(({ line, language, info, notRun, needs }) => [
      line,
      language,
      info,
      notRun,
      needs,
    ]),
    [
      [3, "sh", "", "it takes a day", []],
      [8, "toml", "policy.toml", null, ["jq", "curl"]],
    ],
  );
  assert.equal(blocksOf("x.md", text)[1]?.text, "version = 1\n\n[default]");
  assert.deepEqual(
    proseOf("x.md", text).filter((line) => line !== "" && !line.startsWith("<!--")),
    ["# Page", "between"],
  );
  assert.throws(() => blocksOf("x.md", "```sh\ntrue"), /not closed/);
});
