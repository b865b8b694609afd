/** docs/verify-by-hand.sh against `samebits verify --offline --bundle`: the same answer on the same bundles, and 4 for hostile ones. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, describe, test } from "node:test";
import {
  fromUtf8,
  keyIdPlain,
  pae,
  parseTarget,
  signDomain,
  toBase64,
  toSpkiPem,
  utf8,
} from "../../protocol/index.ts";
import {
  envelopes,
  feedBundle,
  keyOf,
  member,
  MemoryFeed,
  OTHER,
  PURL,
  SAME,
  stage,
  TOOL,
} from "../client/cli/stage.ts";
import type { Member } from "../client/cli/stage.ts";
import { lacks } from "../programs.ts";
import type { Builder } from "../sim/builder.ts";
import { byHand, SCRIPT, shells } from "./by-hand.ts";
import type { Shell } from "./by-hand.ts";

const TIME = Date.UTC(2026, 0, 2);
const [one, two, three] = [member(1), member(2), member(3)];
const stranger = keyOf(member(9));
const says = (who: Member, what: string): Uint8Array => keyOf(who).link(TOOL, what);
const twice = utf8(
  `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","name":"${TOOL.file}"}],"predicateType":"x","predicate":{}}`,
);
const bothAgree = (): Uint8Array => bundle(feed(1, says(one, SAME)), feed(2, says(two, SAME)));

function feed(seed: number, ...entries: readonly Uint8Array[]): MemoryFeed {
  return new MemoryFeed(seed).append(...entries);
}

function bundle(...feeds: readonly MemoryFeed[]): Uint8Array {
  return feedBundle(feeds.map((each) => ({ feed: each, time: TIME })));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return utf8(parts.map(fromUtf8).join(""));
}

/** A DSSE envelope of another payload type, whose signature holds. */
function ofType(type: string): Uint8Array {
  const link = JSON.parse(fromUtf8(says(one, SAME))) as { payload: string };
  const sig = toBase64(signDomain(keyOf(one).seed, pae(Buffer.from(link.payload, "base64"), type)));
  const signatures = [{ keyid: keyIdPlain(keyOf(one).key), sig }];
  return utf8(`${JSON.stringify({ payload: link.payload, payloadType: type, signatures })}\n`);
}

/** What is said, in which bundle, and the status that both come to. */
const CASES: readonly (readonly [what: string, status: number, bytes: () => Uint8Array])[] = [
  ["two agree, each in its feed", 0, bothAgree],
  ["two agree, in loose envelopes", 0, () => envelopes(says(one, SAME), says(two, SAME))],
  [
    "bundles one after the other",
    0,
    () => joined(bundle(feed(1, says(one, SAME))), bundle(feed(2, says(two, SAME)))),
  ],
  [
    "a carrier's feed, deep",
    0,
    () => bundle(feed(9, ...filler(5), says(one, SAME), says(two, SAME), ...filler(4))),
  ],
  ["one agrees", 2, () => bundle(feed(1, says(one, SAME)))],
  [
    "one key twice, with two claims",
    2,
    () => {
      const again = keyOf(one).links([
        [TOOL, SAME],
        [parseTarget("pkg:generic/x@1", "x"), SAME],
      ]);
      return bundle(feed(1, says(one, SAME), again));
    },
  ],
  ["a stranger agrees", 2, () => envelopes(says(one, SAME), stranger.link(TOOL, SAME))],
  [
    "nobody says anything",
    2,
    () => bundle(feed(1, keyOf(one).link(parseTarget("pkg:generic/x@1", "x"), SAME))),
  ],
  [
    "another version of it",
    2,
    () => envelopes(says(one, SAME), keyOf(two).link(parseTarget("pkg:generic/tool@0.9", TOOL.file), SAME)),
  ],
  [
    "another file of it",
    2,
    () => envelopes(says(one, SAME), keyOf(two).link(parseTarget(PURL, "tool.zip"), SAME)),
  ],
  ["another step", 2, () => envelopes(says(one, SAME), keyOf(two).link(TOOL, SAME, { step: "review" }))],
  ["a third dissents", 1, () => joined(bothAgree(), envelopes(says(three, OTHER)))],
  ["all got another file", 1, () => envelopes(says(one, OTHER), says(two, OTHER))],
  ["one says both", 1, () => bundle(feed(1, says(one, SAME), says(one, OTHER)), feed(2, says(two, SAME)))],
  ["one could not build it", 2, () => envelopes(says(one, SAME), keyOf(two).failed(TOOL, "no compiler"))],
  ["one took it back", 2, () => joined(bothAgree(), envelopes(retraction(two, two)))],
  ["a stranger's retraction of it", 0, () => joined(bothAgree(), envelopes(retraction(three, two)))],
  [
    "dissent that was taken back",
    0,
    () => {
      const dissent = says(three, OTHER);
      const back = keyOf(three).retraction(TOOL, [keyOf(three).verified(dissent).id]);
      return joined(bothAgree(), envelopes(dissent, back));
    },
  ],
  [
    "a feed of two histories",
    1,
    () =>
      joined(
        bothAgree(),
        bundle(feed(2, says(two, SAME), ...filler(1, keyOf(two)))),
        bundle(feed(2, ...filler(2, keyOf(two)))),
      ),
  ],
  [
    "a key id of another",
    4,
    () => envelopes(says(one, SAME), stranger.link(TOOL, SAME, { keyid: keyIdPlain(keyOf(two).key) })),
  ],
  [
    "another payload type",
    4,
    () =>
      joined(
        bothAgree(),
        edit(bothAgree(), "envelope", () => toBase64(ofType("text/plain").subarray(0, -1))),
      ),
  ],
  [
    "the proof of another entry",
    4,
    () => changed(bundle(feed(1, ...filler(1, keyOf(one)), says(one, SAME))), '"index":1', '"index":0'),
  ],
  ["an index beyond the feed", 4, () => changed(bothAgree(), '"index":0', '"index":1')],
  [
    "an entry under the head of another feed",
    4,
    () => changed(bothAgree(), '"type":"entry","checkpoint":2', '"type":"entry","checkpoint":0'),
  ],
  ["another network", 4, () => changed(bothAgree(), '"network":"test"', '"network":"main"')],
  ["a member twice", 4, () => changed(bothAgree(), '"index":0', '"index":0,"index":0')],
  ["a member twice in a statement", 4, () => envelopes(keyOf(one).seal(twice), says(two, SAME))],
  ["a member that nobody knows", 4, () => changed(bothAgree(), '"index":0', '"index":0,"x":0')],
  ["a line of another kind", 4, () => joined(bothAgree(), utf8('{"type":"poem"}\n'))],
  ["no JSON", 4, () => joined(bothAgree(), utf8("hello\n"))],
  ["two values in a line", 4, () => joined(bothAgree(), utf8("{} {}\n"))],
  ["cut short", 4, () => bothAgree().subarray(0, -9)],
  ["a NUL", 4, () => joined(bothAgree(), utf8("\0\n"))],
];

function retraction(by: Member, of: Member): Uint8Array {
  return keyOf(by).retraction(TOOL, [keyOf(of).verified(says(of, SAME)).id]);
}

/** Claims of something else. */
function filler(count: number, by: Builder = stranger): Uint8Array[] {
  const target = parseTarget("pkg:generic/x@1", "x");
  return Array.from({ length: count }, (_, i) => by.link(target, `x ${i}`));
}

function changed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = fromUtf8(bytes);
  assert.ok(text.includes(from), from);
  return utf8(text.replace(from, to));
}

/** With another value of the first text of that name. */
function edit(bytes: Uint8Array, name: string, by: (old: string) => string): Uint8Array {
  const text = fromUtf8(bytes);
  const old = new RegExp(`"${name}":"([^"]*)"`).exec(text)?.[1];
  assert.ok(old !== undefined, name);
  return utf8(text.replace(old, () => by(old)));
}

describe("by hand, and by samebits", { concurrency: 2, skip: lacks("openssl", "awk") }, () => {
  let all: readonly Shell[];
  before(async () => {
    all = await shells();
  });
  for (const [at, [what, status, bytes]] of CASES.entries()) {
    test(`${status}: ${what}`, async (t) => {
      const { folder, verify } = await stage([one, two, three]);
      if (all.length < 2) t.diagnostic("busybox is not here: not run with it");
      // What counts with each of them, the others with each in turn.
      for (const shell of status === 0 ? all : all.slice(at % all.length).slice(0, 1)) {
        const ran = await byHand(shell, folder, bytes(), [one, two, three], 2);
        assert.equal(ran.status, status, `${shell.name}: ${ran.text}`);
      }
      const { code, err } = await verify([bytes()]);
      assert.equal(code, status, `samebits: ${err}`);
    });
  }

  test("no octet of an entry, its proof, its head or its signature can be changed", async () => {
    const { folder, verify } = await stage([one], [], 1);
    let refused = 0;
    const good = fromUtf8(bundle(feed(1, ...filler(1, keyOf(one)), says(one, SAME))));
    const [shell] = all;
    assert.ok(shell !== undefined);
    const run = (text: string): ReturnType<typeof byHand> => byHand(shell, folder, utf8(text), [one], 1);
    assert.equal((await run(good)).status, 0);
    // The first line has the maker's words, of which the time is a hint; the last one is the entry that counts.
    const from = good.indexOf("\n") + 1;
    const last = good.lastIndexOf("\n", good.length - 2) + 1;
    const spread = Array.from(
      { length: 24 },
      (_, i) => from + Math.floor((i * (good.length - 1 - from)) / 24),
    );
    const named = ['"envelope":"', '"path":["', '"index":', '"checkpoint":'].map(
      (name) => good.indexOf(name, last) + name.length,
    );
    const inEnvelope = [40, 300, 800, 1_000].map((far) => good.indexOf('"envelope":"', last) + 12 + far);
    for (const at of [...spread, ...named, ...inEnvelope]) {
      const bad = `${good.slice(0, at)}${good[at] === "A" ? "B" : "A"}${good.slice(at + 1)}`;
      const { status, text } = await run(bad);
      if (status === 4) refused++;
      // The name before a signature of a head may be any witness's: such a line is let be.
      else assert.equal((await verify([utf8(bad)])).code, status, `octet ${at}: ${text}`);
    }
    assert.ok(refused >= 28, `${refused} of 32 refused`);
  });

  test("neither file name nor package URL, number or keys can be bent", async () => {
    const { folder } = await stage([one]);
    writeFileSync(join(folder, "b"), bothAgree());
    for (const who of [one, two]) writeFileSync(join(folder, `${who.name}.pub`), toSpkiPem(keyOf(who).key));
    writeFileSync(join(folder, "again.pub"), toSpkiPem(keyOf(one).key));
    for (const name of ["x\ny", "-n"]) writeFileSync(join(folder, name), SAME);
    for (const [status, ...argv] of [
      [0, "b", `../${basename(folder)}/${TOOL.file}`, PURL, "2", "b1.pub", "b2.pub"],
      [2, "b", "-n", PURL, "2", "b1.pub", "b2.pub"],
      [2, "b", TOOL.file, "pkg:generic/.*@1.0", "2", "b1.pub", "b2.pub"],
      [64, "b", "x\ny", PURL, "2", "b1.pub", "b2.pub"],
      [64, "b", TOOL.file, `${PURL}\n`, "2", "b1.pub", "b2.pub"],
      [64, "b", TOOL.file, PURL, "2", "b1.pub", "again.pub"],
      [64, "b", TOOL.file, PURL, "0", "b1.pub"],
      [64, "b", TOOL.file, PURL, "2", "b1.pub"],
      [64, "b", TOOL.file, PURL, "1", "b"],
      [64, "b", TOOL.file, PURL],
      [66, "gone", TOOL.file, PURL, "1", "b1.pub"],
    ] as const) {
      const ran = spawnSync("sh", [SCRIPT, ...argv], { cwd: folder, encoding: "utf8" });
      assert.equal(ran.status, status, `${argv.join(" ")}: ${ran.stdout}${ran.stderr}`);
    }
  });
});
