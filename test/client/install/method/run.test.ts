/** A wrapped method with stock methods that say what they like. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { before, test } from "node:test";
import { ClientError } from "../../../../client/errors.ts";
import { runMethod } from "../../../../client/install/index.ts";
import type { Fetched, Ruling } from "../../../../client/install/index.ts";
import { newFolder } from "../../../node/folder.ts";

const SHA = "78717ff941cde3be01a774a8d57ba020e1637dd8330c1abfae8df74831828adb";
const OTHER = "ef04ba31b70341d56cc0964028315b678825b6f962acbef685d63796fbd71eac";
let folder: string;
before(async () => {
  folder = await newFolder();
});

/** A method that answers the first message from apt with this, then waits for apt to end, or ends by itself. */
async function stock(says: string, ends: boolean = false): Promise<string> {
  const path = join(folder, "http");
  const text = `#!/bin/sh\nprintf '100 Capabilities\\nVersion: 1.2\\n\\n'\nIFS= read -r line\ncat <<'END'\n${says}\nEND\n${ends ? "" : "cat > /dev/null\n"}`;
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

const URI = "http://h/p/good_1_all.deb";

function acquire(path: string = join(folder, "good_1_all.deb"), more: string = ""): string {
  return `600 URI Acquire\nURI: samebits+${URI}\nFilename: ${path}\nExpected-SHA256: ${SHA}\n${more}\n`;
}

function done(path: string = join(folder, "good_1_all.deb"), sha: string = SHA): string {
  return `201 URI Done\nURI: ${URI}\nFilename: ${path}\nSHA256-Hash: ${sha}\n\n`;
}

interface Heard {
  /** Blocks after the capabilities. */
  readonly out: readonly string[];
  readonly judged: readonly (readonly Fetched[])[];
  readonly error: ClientError | null;
}

/** Apt ends when it has heard `waits` blocks beside the capabilities, or the method has ended. */
async function talk(
  method: string,
  asks: string,
  {
    waits = 1,
    ruling = { kind: "pass", warning: null },
  }: { readonly waits?: number; readonly ruling?: Ruling } = {},
): Promise<Heard> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let text = "";
  output.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (text.split("\n\n").length - 1 > waits) input.end();
  });
  input.write(asks);
  const judged: (readonly Fetched[])[] = [];
  const judge = async (files: readonly Fetched[]): Promise<readonly Ruling[]> => {
    judged.push(files);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return files.map(() => ruling);
  };
  let error: ClientError | null = null;
  await runMethod({ scheme: "http", stock: method, input, output, judge }).catch((thrown: unknown) => {
    assert.ok(thrown instanceof ClientError, String(thrown));
    error = thrown;
  });
  const out = text.split("\n\n").filter((block) => block !== "" && !block.startsWith("100 Capabilities"));
  return { out, judged, error };
}

test("a package that is let through is told to apt, under apt's own name for the place", async () => {
  const { out, judged, error } = await talk(await stock(done()), acquire());
  assert.deepEqual([out, error], [[done().trimEnd().replace(URI, `samebits+${URI}`)], null]);
  assert.deepEqual(
    judged.map((files) => files.map(({ package: said, got }) => [said, got])),
    [[[{ name: "good", version: "1", arch: "all" }, SHA]]],
  );
});

test("what is withheld has failed for apt, and the file is gone", async () => {
  const path = join(folder, "good_1_all.deb");
  await writeFile(path, "x");
  const why = "REFUSED good 1 all\n\n201 URI Done";
  const { out } = await talk(await stock(done()), acquire(), { ruling: { kind: "withhold", why } });
  assert.deepEqual(out, [
    `400 URI Failure\nURI: samebits+${URI}\nMessage: samebits: REFUSED good 1 all 201 URI Done`,
  ]);
  assert.equal(existsSync(path), false);
});

test("with a warning apt hears both", async () => {
  const { out } = await talk(await stock(done()), acquire(), {
    waits: 2,
    ruling: { kind: "pass", warning: "w" },
  });
  assert.deepEqual(out[0], `104 Warning\nURI: samebits+${URI}\nMessage: samebits: w`);
  assert.match(out[1] ?? "", /^201 URI Done\n/);
});

test("a file of another SHA-256 than apt's lists have is none, whatever is ruled", async () => {
  const path = join(folder, "good_1_all.deb");
  for (const sha of [OTHER, "none"]) {
    await writeFile(path, "x");
    const { out } = await talk(await stock(done(path, sha)), acquire());
    assert.match(out[0] ?? "", /^400 URI Failure\n[^]*\nFailReason: HashSumMismatch$/);
    assert.equal(existsSync(path), false);
  }
});

test("all else passes: lists, remarks, failures, questions for credentials and media", async () => {
  const said = [
    `102 Status\nURI: ${URI}\nMessage: m`,
    "402 Authorization Required\nSite: h",
    "403 Media Failure\nMedia: m\nDrive: d",
    `200 URI Start\nURI: ${URI}\nSize: 5`,
    `201 URI Done\nURI: ${URI}\nFilename: ${folder}/Packages`,
  ];
  const list = acquire(join(folder, "Packages"), "Index-File: true\n");
  const { out, judged } = await talk(await stock(`${said.join("\n\n")}\n`), list, { waits: said.length });
  assert.deepEqual([out, judged], [said.map((block) => block.replace(URI, `samebits+${URI}`)), []]);
  const failed = `400 URI Failure\nURI: ${URI}\nMessage: m\nFailReason: HttpError404`;
  assert.deepEqual((await talk(await stock(`${failed}\n`), acquire())).out, [
    failed.replace(URI, `samebits+${URI}`),
  ]);
});

test("a redirection stays within what is wrapped", async () => {
  const redirect = (to: string): Promise<string> => stock(`103 Redirect\nURI: ${URI}\nNew-URI: ${to}\n`);
  assert.deepEqual((await talk(await redirect("https://h/x"), acquire())).out, [
    `103 Redirect\nURI: samebits+${URI}\nNew-URI: samebits+https://h/x`,
  ]);
  for (const to of ["ftp://h/x", "file:/etc/passwd", "copy:/x", "samebits+http://h/x", "/x"])
    assert.match(
      (await talk(await redirect(to), acquire())).out[0] ?? "",
      /^400 URI Failure\n[^]*redirects/,
      to,
    );
});

test("what comes while one question is under way is the next question", async () => {
  const names = ["a", "b", "c"];
  const [asks, says] = [
    names.map((name) => acquire(join(folder, `${name}_1_all.deb`)).replace(URI, `http://h/${name}`)),
    names.map((name) => done(join(folder, `${name}_1_all.deb`)).replace(URI, `http://h/${name}`)),
  ];
  const method = join(folder, "http");
  const script = `#!/bin/sh\nprintf '100 Capabilities\\n\\n'\nn=0\nwhile [ $n -lt 12 ] && IFS= read -r line; do n=$((n + 1)); done\n`;
  await writeFile(method, `${script}cat <<'END'\n${says.join("")}END\ncat > /dev/null\n`, {
    mode: 0o755,
  });
  const { out, judged } = await talk(method, asks.join(""), { waits: 3 });
  assert.deepEqual([out.length, judged.map((files) => files.length).reduce((a, b) => a + b)], [3, 3]);
  assert.ok(judged.length <= 2, `${judged.length} questions`);
});

test("what no method says lets nothing through, and apt hears why", async () => {
  for (const [says, words] of [
    ["201 URI Done\nURI: http://h/other\n\n", /has not asked for/],
    ["201 URI Done\n\n", /has not asked for/],
    ["400 URI Failure\nURI: <UNKNOWN>\nMessage: m\n\n", /has not asked for/],
    [done("/etc/passwd"), /another file/],
    [`201 URI Done\nURI: ${URI}\nAlt-Filename: /etc/passwd\n\n`, /another file/],
    [`${done()}${done()}`, /done twice/],
    [`600 URI Acquire\nURI: ${URI}\n\n`, /600 URI Acquire/],
    [`351 Aux Request\nURI: ${URI}\nAux-URI: x\n\n`, /351 Aux Request/],
    [`201 URI Done\nURI: ${URI}\nuri: http://h/other\n\n`, /twice/],
    ["nonsense\n\n", /no first line/],
    ["\u0007\n\n", /no first line/],
  ] as const) {
    const { out, error } = await talk(await stock(says), acquire(), { waits: 99 });
    assert.equal(error?.code, "apt/bad-method", says);
    assert.match(error?.message ?? "", words);
    assert.deepEqual(
      out.map((block) => block.split("\n")[0]),
      ["400 URI Failure", "401 General Failure"],
      says,
    );
  }
});

test("a method that ends, or is none, fails what apt waits for; what it has fetched is judged first", async () => {
  const gone = await talk(await stock("", true), acquire(), { waits: 99 });
  assert.equal(gone.error?.code, "apt/bad-method");
  assert.match(gone.out[0] ?? "", /^400 URI Failure\n[^]*has ended/);
  const fetched = await talk(await stock(done(), true), acquire(), { waits: 99 });
  assert.match(fetched.out[0] ?? "", /^201 URI Done\n/);
  const none = await talk(join(folder, "nothing"), acquire(), { waits: 99 });
  assert.equal(none.error?.code, "apt/bad-method");
  assert.match(none.error.message, /nothing has ended \(.*ENOENT/);
});

test("what apt never says ends it too", async () => {
  const method = await stock("");
  for (const asks of [
    acquire().replace("samebits+http", "http"),
    acquire().replace("samebits+http", "samebits+https"),
    `${acquire()}${acquire()}`,
    "201 URI Done\nURI: x\n\n",
    "\u0000",
  ]) {
    const { error } = await talk(method, asks.endsWith("\n") ? asks : `${asks}\n\n`, { waits: 99 });
    assert.equal(error?.code, "apt/bad-method", asks);
  }
});
