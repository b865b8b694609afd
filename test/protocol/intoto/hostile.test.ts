/** Layouts and links of somebody who means harm: an end, with its place, in bounded time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, record, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { checkSigners, parseDocument, placeOfFile, readLayoutKey } from "../../../protocol/intoto/index.ts";
import {
  MAX_LAYOUT_KEYS,
  MAX_LAYOUT_STEPS,
  MAX_LINK_ARTIFACTS,
  MAX_LINK_BYTES,
} from "../../../protocol/limits.ts";
import {
  ended,
  judged,
  jsonOf,
  keyJson,
  layoutJson,
  link,
  linkJson,
  metablock,
  OWNER,
  pathOf,
  signer,
} from "./world.ts";

const A = signer("a");
const LAYOUT = layoutJson([{ name: "s", by: [A] }]) as { keys: object; steps: object[]; inspect: object[] };
const LINK = linkJson("s", { products: { f: "x" } }) as Readonly<Record<string, unknown>>;
const LINKS = { [pathOf("s", A)]: link(A, "s") };

/** The code with which a `signed` part is refused; null = it is read. */
function refusal(signed: object): string | null {
  try {
    parseDocument(metablock(signed, [A]));
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert.ok(error.message.length < 1_000);
    return `${error.code} ${(error.message.split(":")[0] ?? "").replace("document.", "")}`;
  }
}

function step(more: object): object {
  return { ...LAYOUT, steps: [{ ...LAYOUT.steps[0], ...more }] };
}

test("it is over at `expires` itself, a second after, and not a millisecond before", async () => {
  const expires = Date.UTC(2027, 0, 1);
  const given = { layout: LAYOUT, links: LINKS };
  assert.equal(ended(await judged({ ...given, now: expires - 1 })), "passed");
  assert.equal(ended(await judged({ ...given, now: expires })), "failed layout/expired");
  assert.equal(ended(await judged({ ...given, now: expires + 1_000 })), "failed layout/expired");
});

test("dates that are none are refused", () => {
  for (const expires of [
    "2023-02-30T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-01-01T24:00:00Z",
    "2027-01-01T00:00:60Z",
    "2027-01-01",
    "2027-01-01T00:00:00",
    "2027-01-01T00:00:00+00:00",
    "2027-01-01T00:00:00.5Z",
    "1969-12-31T23:59:59Z",
    "+12027-01-01T00:00:00Z",
    "never",
    "",
  ])
    assert.equal(refusal({ ...LAYOUT, expires }), "attestation/bad-time signed.expires", expires);
  assert.equal(refusal({ ...LAYOUT, expires: 1 }), "shape/wrong-type signed.expires");
});

test("a billion-step threshold takes no longer than one, and says that it can never be met", async () => {
  for (const threshold of [1e9, Number.MAX_SAFE_INTEGER]) {
    const verdict = await judged({ layout: step({ threshold }), links: LINKS });
    assert.equal(ended(verdict), "incomplete layout/too-few-links");
    assert.match(verdict.problem?.message ?? "", /only 1 could, so it can never be met/);
  }
  for (const threshold of [0, -1, 1.5, 2 ** 53, "2", null])
    assert.match(refusal(step({ threshold })) ?? "", /^(?:shape|json)\/\S+ \S*/, `${threshold}`);
});

test("names that lead elsewhere are refused, in steps and in artifacts", () => {
  for (const name of ["../s", "a/b", ".", "..", ".s", "", "a\nb", "a\u0000b", "\u202eb"])
    assert.equal(refusal(step({ name })), "layout/bad-document signed.steps[0].name", name);
  for (const path of ["..", "../f", "a/../f", "a/..", "/..", "a\nb", "", "\u202ef", "x".repeat(4_097)])
    assert.match(
      refusal({ ...LINK, products: { [path]: { sha256: "aa" } } }) ?? "",
      /^layout\/bad-document signed\.products/,
      path,
    );
  for (const path of [
    "..f",
    "f..",
    "a..b/c",
    "/abs",
    "./f",
    "git+https://example.org/x",
    "ä",
    "x".repeat(4_096),
  ])
    assert.equal(refusal({ ...LINK, products: { [path]: { sha256: "aa" } } }), null, path);
});

test("what says nothing of an artifact, or not exactly, is refused", () => {
  for (const digests of [
    {},
    { sha256: "" },
    { sha256: "AA" },
    { sha256: "xy" },
    { sha256: 1 },
    [],
    null,
    "aa",
  ])
    assert.match(
      refusal({ ...LINK, materials: { f: digests } }) ?? "",
      /^(?:layout\/bad-document|shape\/wrong-type) signed\.materials\.f/,
      JSON.stringify(digests),
    );
});

test("members that nobody knows are refused: other tools verify without them", () => {
  for (const signed of [
    { ...LINK, more: 1 },
    { ...LAYOUT, more: 1 },
    step({ more: 1 }),
    { ...LAYOUT, inspect: [{ name: "i", run: [], more: 1 }] },
    { ...LAYOUT, keys: { [A.id]: { ...keyJson(A), more: 1 } } },
  ])
    assert.match(refusal(signed) ?? "", /^shape\/unknown-member /);
});

test("two of one name, a key under another's id and a private key are refused", () => {
  const [one] = LAYOUT.steps;
  assert.equal(refusal({ ...LAYOUT, steps: [one, one] }), "layout/bad-document signed");
  const inspect = [{ name: "s", run: [] }];
  assert.equal(refusal({ ...LAYOUT, inspect }), "layout/bad-document signed");
  assert.equal(refusal({ ...LAYOUT, steps: [] }), "layout/bad-document signed.steps");
  const other = { [A.id]: { ...keyJson(A), keyid: OWNER.id } };
  assert.match(refusal({ ...LAYOUT, keys: other }) ?? "", /^layout\/bad-document signed\.keys\[/);
  const secret = { ...keyJson(A), keyval: { public: "aa".repeat(32), private: "bb" } };
  assert.match(
    refusal({ ...LAYOUT, keys: { [A.id]: secret } }) ?? "",
    /^layout\/bad-document .*keyval\.private$/,
  );
  const fields = record(jsonOf({ key: secret }), "x");
  assert.throws(() => readLayoutKey(fields.member("key"), null), /a private key stands here/);
});

test("numbers beyond the bounds are refused by their number", () => {
  const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
    Array.from({ length: count }, (_, at) => item(at));
  const steps = many(MAX_LAYOUT_STEPS + 1, (at) => ({ ...LAYOUT.steps[0], name: `s${at}` }));
  assert.equal(refusal({ ...LAYOUT, steps }), "shape/out-of-range signed.steps");
  const keys = Object.fromEntries(many(MAX_LAYOUT_KEYS + 1, (at) => [`${at}`, {}]));
  assert.equal(refusal({ ...LAYOUT, keys }), "shape/out-of-range signed.keys");
  const rules = many(257, () => ["ALLOW", "*"]);
  assert.equal(
    refusal(step({ expected_materials: rules })),
    "shape/out-of-range signed.steps[0].expected_materials",
  );
  const files = Object.fromEntries(many(MAX_LINK_ARTIFACTS + 1, (at) => [`${at}`, { sha256: "aa" }]));
  assert.equal(refusal({ ...LINK, products: files }), "layout/bad-document signed.products");
  const algorithms = Object.fromEntries(many(17, (at) => [`a${at}`, "aa"]));
  assert.equal(refusal({ ...LINK, products: { f: algorithms } }), "shape/out-of-range signed.products.f");
  assert.throws(
    () => parseDocument(new Uint8Array(MAX_LINK_BYTES + 1)),
    (error: unknown) => error instanceof ProtocolError && error.code === "bytes/too-big",
  );
});

test("what is neither a link nor a layout is refused", () => {
  for (const text of ["{}", '{"signed":{}}', "[]", "null", "", "{", '{"payload":""}'])
    assert.throws(() => parseDocument(utf8(text)), ProtocolError, text);
  assert.equal(refusal({ ...LINK, _type: "bundle" }), "shape/out-of-range signed._type");
});

test("only so many keys are tried on a document, those that it names first", async () => {
  const keys = Array.from({ length: 300 }, (_, at) => signer(`k${at}`).key);
  const named = metablock(
    LINK,
    Array.from({ length: 16 }, () => A),
  );
  const text = new TextDecoder().decode(named).replaceAll(/"sig":"../g, '"sig":"00');
  const forged = parseDocument(utf8(text));
  assert.equal((await checkSigners(forged, keys, placeOfFile("f"))).signers.length, 0);
  // 15 signatures that no key of these made use the trials up, 301 each; what stands in front of them is found.
  const good = parseDocument(metablock(LINK, [A])).signatures;
  const bad = forged.signatures.slice(1);
  for (const [signatures, found] of [
    [[...bad, ...good], 0],
    [[...good, ...bad], 1],
  ] as const) {
    const { signers } = await checkSigners({ ...forged, signatures }, [...keys, A.key], placeOfFile("f"));
    assert.equal(signers.length, found);
  }
});

test("the signed octets are the canonical ones, whatever the file's writing", async () => {
  const text = new TextDecoder().decode(link(A, "s"));
  const spaced = JSON.stringify(JSON.parse(text), null, 2);
  const document = parseDocument(utf8(spaced));
  assert.deepEqual(document.signedBytes, canonicalJson(jsonOf(linkJson("s", {}))));
  assert.equal((await checkSigners(document, [A.key], placeOfFile("f"))).signers.length, 1);
});
