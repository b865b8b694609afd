import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientError } from "../../../../client/errors.ts";
import { wantedIn } from "../../../../client/install/method/fetched.ts";
import { fieldOf, messagesIn, oneLine, writeMessage } from "../../../../client/install/method/message.ts";
import type { Message } from "../../../../client/install/method/message.ts";
import { MAX_APT_MESSAGE_BYTES, utf8 } from "../../../../protocol/index.ts";

async function* inParts(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

async function read(text: string | Uint8Array, size: number = 64_000): Promise<readonly Message[]> {
  const all: Message[] = [];
  const octets = typeof text === "string" ? utf8(text) : text;
  for await (const message of messagesIn(inParts(octets, size), "apt")) all.push(message);
  return all;
}

/** As apt 2.6.1 wrote it. */
const ACQUIRE = `600 URI Acquire
URI: samebits+http://deb.example.org/debian/pool/main/g/good/good_1.0-1_all.deb
Filename: /var/cache/apt/archives/partial/good_1%3a1.0-1_all.deb
Expected-SHA256: 78717ff941cde3be01a774a8d57ba020e1637dd8330c1abfae8df74831828adb
Expected-Checksum-FileSize: 20672
Target-Repo-URI: samebits+http://deb.example.org/debian/
Target-Component: main
Target-Architecture: all
Target-Type: deb

`;
const CONFIGURATION = `601 Configuration
Config-Item: APT::Architecture=amd64
Config-Item: APT::Architectures::=amd64

`;
const SAID = `102 Status
Message: two
 lines
URI: http://deb.example.org/

`;

test("messages are the same however they are cut, and are passed on as they came", async () => {
  const octets = Buffer.concat([
    utf8(`${CONFIGURATION}\n${ACQUIRE}`),
    utf8(SAID),
    Buffer.from("101 Log\nMessage: \xe9\xff\n\n", "latin1"),
  ]);
  const whole = await read(octets);
  assert.deepEqual(
    whole.map(({ code, title }) => [code, title]),
    [
      [601, "Configuration"],
      [600, "URI Acquire"],
      [102, "Status"],
      [101, "Log"],
    ],
  );
  for (const size of [1, 2, 3, 7, 61]) assert.deepEqual(await read(octets, size), whole, `parts of ${size}`);
  const written = Buffer.concat(whole.map(writeMessage));
  assert.deepEqual(written, Buffer.from(octets.toString("latin1").replace("\n\n\n", "\n\n"), "latin1"));
});

test("a package is known by the name that apt gives its file, and by apt's word", async () => {
  const [message] = await read(ACQUIRE);
  assert.ok(message !== undefined);
  assert.deepEqual(wantedIn(message), {
    package: { name: "good", version: "1:1.0-1", arch: "all" },
    sha256: "78717ff941cde3be01a774a8d57ba020e1637dd8330c1abfae8df74831828adb",
    path: "/var/cache/apt/archives/partial/good_1%3a1.0-1_all.deb",
  });
  const named = async (from: string | RegExp, to: string): Promise<unknown> => {
    const [one] = await read(ACQUIRE.replace(from, to));
    return one === undefined ? null : (wantedIn(one)?.package ?? wantedIn(one));
  };
  assert.deepEqual(await named("good_1%3a1.0-1_all.deb\nE", "x%5fy_1_all.deb\nE"), {
    name: "x_y",
    version: "1",
    arch: "all",
  });
  // Apt's word alone, or the name alone, makes it a package; what can't be named is one all the same.
  assert.deepEqual(await named("Target-Type: deb\n", ""), { name: "good", version: "1:1.0-1", arch: "all" });
  for (const odd of [
    "good.bin",
    "good_1%3A1_all.deb",
    "good_1%zz_all.deb",
    "a_b_c_d.deb",
    "good_1%0a_all.deb",
  ]) {
    const wanted = await named("good_1%3a1.0-1_all.deb\nE", `${odd}\nE`);
    assert.ok(wanted !== null && typeof wanted === "object" && "path" in wanted, odd);
  }
  const list = ACQUIRE.replace(/Filename.*/, "Filename: /var/lib/apt/lists/partial/x_Packages.xz").replace(
    "Type: deb",
    "Type: index",
  );
  const [index] = await read(list);
  assert.equal(index === undefined ? undefined : wantedIn(index), null);
});

test("anything else is not understood", async () => {
  for (const [text, words] of [
    ["600 URI Acquire\nURI: a\n", /ends within a message/],
    ["URI Acquire\n\n", /no first line/],
    ["6000 URI\n\n", /no first line/],
    ["700 URI\n\n", /no first line/],
    ["600  URI\n\n", /no first line/],
    ["600 URI\r\n\n", /no first line/],
    ["600 URI\nURI\n\n", /no field/],
    ["600 URI\n URI: a\n\n", /no field/],
    ["600 URI\nURI:a\n\n", /no field/],
    ["600 URI\nU RI: a\n\n", /no field/],
    ["600 URI\nURI: a\r\n\n", /control characters/],
    ["600 URI\nURI: a\u0000b\n\n", /control characters/],
    ["600 URI\nURI: a\u001b[2J\n\n", /control characters/],
    ["600 URI\nURI: a\nuri: b\n\n", /a field twice/],
    [`600 URI\nURI: ${"a".repeat(MAX_APT_MESSAGE_BYTES)}\n\n`, /more than \d+ octets/],
    [`600 URI\n${"a".repeat(2 * MAX_APT_MESSAGE_BYTES)}`, /more than \d+ octets/],
  ] as const)
    await assert.rejects(
      read(text),
      (error) => error instanceof ClientError && error.code === "apt/bad-method" && words.test(error.message),
      JSON.stringify(text.slice(0, 80)),
    );
});

test("words of ours are one field, whatever is in them", async () => {
  const words = oneLine("a\n\n600 URI Acquire\r\nURI: \u001b[2Jé");
  const [message, ...more] = await read(
    writeMessage({ code: 400, title: "URI Failure", fields: [["Message", words]] }),
  );
  assert.deepEqual([more, message?.fields.length], [[], 1]);
  assert.equal(
    Buffer.from(fieldOf(message ?? assert.fail(), "message") ?? "", "latin1").toString(),
    "a 600 URI Acquire URI:  [2Jé",
  );
});
