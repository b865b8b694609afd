/** Archives as GNU tar and tar-stream write them are read alike; what two readers could take for two things is refused. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { BrokenTar } from "../../../client/artifact/tar-header.ts";
import { readTar } from "../../../client/artifact/tar.ts";
import { concat, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { tar } from "./archives.ts";

type Read = readonly (readonly [name: string, isFile: boolean, text: string])[];

/** In pieces of `step` octets, so that nothing depends on where they are cut. */
async function* pieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

async function read(bytes: Uint8Array, step = 1_000): Promise<Read> {
  const members: [string, boolean, string][] = [];
  await readTar(pieces(bytes, step), ({ name, isFile }) => (octets) => {
    members.push([name, isFile, Buffer.from(octets).toString("latin1")]);
  });
  return members;
}

/** As tar-stream reads it. */
async function judged(bytes: Uint8Array): Promise<Read> {
  const members: [string, boolean, string][] = [];
  const reader = extract();
  const all = pipeline(Readable.from([bytes]), reader);
  for await (const stream of reader) {
    const { name, type } = stream.header;
    members.push([name, type === "file", (await buffer(stream)).toString("latin1")]);
  }
  await all;
  return members;
}

test("what tar-stream writes is read as tar-stream reads it, however it is cut", async () => {
  const path = fc
    .array(fc.stringMatching(/^[a-zé]{1,60}$/), { minLength: 1, maxLength: 6 })
    .map((some) => some.join("/"));
  const member = fc.record({ name: path, text: fc.string({ maxLength: 1_500 }), isFolder: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 5 }),
      fc.integer({ min: 1, max: 1_500 }),
      async (some, step) => {
        const packer = pack();
        for (const { name, text, isFolder } of some)
          if (isFolder) packer.entry({ name, type: "directory" });
          else packer.entry({ name }, text);
        packer.finalize();
        const bytes = await buffer(packer);
        assert.deepEqual(await read(bytes, step), await judged(bytes));
      },
    ),
    { numRuns: 100 },
  );
});

test("GNU tar's four formats are read: long names, folders, links", async (t) => {
  const folder = await newFolder();
  const long = join(...Array.from({ length: 5 }, (_, i) => `${"long".repeat(12)}${i}`));
  await mkdir(join(folder, "root", long), { recursive: true });
  await writeFile(join(folder, "root", "control"), "Package: a\n");
  await writeFile(join(folder, "root", long, "x".repeat(90)), "deep\n");
  await symlink("control", join(folder, "root", "link"));
  for (const format of ["gnu", "oldgnu", "pax", "ustar"]) {
    const made = spawnSync("tar", [`--format=${format}`, "--sort=name", "-C", folder, "-cf", "-", "root"]);
    if (made.error !== undefined) return t.skip("no tar here");
    // ustar has no room for such a path: tar leaves it out and says so.
    const bytes = new Uint8Array(made.stdout);
    assert.deepEqual(await read(bytes, 700), await judged(bytes), format);
    const names = (await read(bytes)).map(([name]) => name);
    assert.ok(names.includes("root/control"), format);
    if (format !== "ustar") assert.ok(names.includes(`root/${long}/${"x".repeat(90)}`), format);
  }
  return undefined;
});

const member = (name: string, text: string, more: object = {}): Uint8Array =>
  tar({ name, contents: utf8(text), ...more }).subarray(0, 512 + 512 * Math.ceil(text.length / 512));
const END = new Uint8Array(1_024);
const record = (text: string): string => {
  const rest = ` ${text}\n`;
  const length = rest.length + String(rest.length).length;
  return `${length + (String(length).length > String(rest.length).length ? 1 : 0)}${rest}`;
};

test("nothing is read behind the end, and all before it", async () => {
  const bytes = concat(member("a", "one"), END, member("b", "two"), END);
  assert.deepEqual(await read(bytes), [["a", true, "one"]]);
  assert.deepEqual(await read(member("a", "one")), [["a", true, "one"]]);
  assert.deepEqual(await read(new Uint8Array()), []);
});

test("records name a member and its size", async () => {
  const named = concat(
    member("pax", record("path=b/c") + record("mtime=1.5"), { type: "x" }),
    member("a", "one"),
  );
  assert.deepEqual(await read(named), [["b/c", true, "one"]]);
  const git = concat(member("pax", record("comment=0123"), { type: "g" }), member("a", "one"));
  assert.deepEqual(await read(git), [["a", true, "one"]]);
});

test("values of records that are not looked at may be any octets", async () => {
  const octets = concat(utf8("19 SCHILY.xattr.a="), Uint8Array.of(0xff, 0x00), utf8("\n"));
  octets.set(utf8(String(octets.length)));
  const header = member("pax", "x".repeat(octets.length), { type: "x" });
  header.set(octets, 512);
  assert.deepEqual(await read(concat(header, member("a", "one"))), [["a", true, "one"]]);
});

test("a prefix counts in POSIX's kind alone, and other kinds are not guessed at", async () => {
  const of = (magic: string): Uint8Array => member("b", "one", { magic, prefix: "a" });
  assert.deepEqual(await read(of("ustar\u{0}00")), [["a/b", true, "one"]]);
  assert.deepEqual(await read(of("ustar  \u{0}")), [["b", true, "one"]]);
  for (const magic of [
    "ustarX00",
    "ustar 00",
    "ustar \u{0}0",
    "ustar\u{0}01",
    "ustar\u{0}\u{0}\u{0}",
    "ustar   ",
    "",
    "USTAR\u{0}00",
  ])
    await assert.rejects(read(of(magic)), BrokenTar, JSON.stringify(magic));
});

test("a type that readers know in several ways is refused, and so is a file with holes", async () => {
  for (let code = 1; code < 256; code++) {
    const type = String.fromCharCode(code);
    if ("01234567xgLK".includes(type)) continue;
    const bytes = member("a", "", {});
    // In one octet; the sum is made right below.
    const before = bytes[156] ?? 0;
    bytes[156] = code;
    const sum = Number.parseInt(Buffer.from(bytes.subarray(148, 154)).toString("latin1"), 8) - before + code;
    bytes.set(utf8(sum.toString(8).padStart(6, "0")), 148);
    await assert.rejects(read(bytes), { message: "a member of no known type" }, `type ${code}`);
  }
  for (const type of ["x", "g"])
    for (const text of ["GNU.sparse.name=b", "GNU.sparse.major=1", "GNU.sparse.map=0,3"]) {
      const holes = concat(member("p", record(text), { type }), member("a", "one"));
      await assert.rejects(read(holes), { message: "a file with holes" }, text);
    }
});

test("what is broken, or read in two ways, is refused", async () => {
  const good = member("a", "one");
  const flipped = good.slice();
  flipped[3] = 0x41;
  // The octet of a name grows by as much as a digit of the sum: 0x61 to 0xe1 is octal 200, the third digit from the right.
  const latin = member("aa", "one");
  latin[0] = 0xe1;
  latin[151] = (latin[151] ?? 0) + 2;
  for (const [why, bytes] of [
    ["a sum that is another", flipped],
    ["a header cut short", good.subarray(0, 300)],
    ["a member cut short", good.subarray(0, 600)],
    ["no archive", utf8("x".repeat(2_048))],
    ["a folder with octets", member("a", "one", { type: "5" })],
    ["a link with octets", member("a", "one", { type: "1" })],
    [
      "two names",
      concat(member("l", "b\0", { type: "L" }), member("p", record("path=c"), { type: "x" }), good),
    ],
    ["one name for all", concat(member("p", record("path=c"), { type: "g" }), good)],
    ["a name and no member", concat(member("p", record("path=c"), { type: "x" }), END)],
    ["a record's length", concat(member("p", "99 path=c\n", { type: "x" }), good)],
    ["a record without a line's end", concat(member("p", "9 path=cd", { type: "x" }), good)],
    ["a record without a value", concat(member("p", record("path"), { type: "x" }), good)],
    ["a record's size", concat(member("p", record("size=-1"), { type: "x" }), good)],
    ["a size above all", concat(member("p", record("size=9999999999999999"), { type: "x" }), good)],
    ["no UTF-8", latin],
    ["names without end", member("p", "x".repeat(70_000), { type: "x" })],
  ] as const)
    await assert.rejects(read(bytes), BrokenTar, why);
});

test("what a visit throws ends the reading, and so does what the octets throw", async () => {
  const bytes = concat(member("a", "one"), END);
  const stop = new Error("stop");
  await assert.rejects(
    readTar(pieces(bytes, 100), () => {
      throw stop;
    }),
    stop,
  );
  let isClosed = false;
  async function* failing(): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces(bytes.subarray(0, 512), 512);
      throw stop;
    } finally {
      isClosed = true;
    }
  }
  await assert.rejects(
    readTar(failing(), () => null),
    stop,
  );
  assert.ok(isClosed);
});
