/** What steps before the last one are about is asked for as it becomes known: of a node, of mirrors, and of the mesh; and a bundle has it all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectBundle, verify } from "../../../client/verify/index.ts";
import type { Outcome, VerifyOptions } from "../../../client/verify/index.ts";
import { parseAttestation, parseTarget, readBundleFile, toHex } from "../../../protocol/index.ts";
import type { FindResult, Question, RawEntry } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { digest, NETWORK, NOW, signer } from "../../protocol/verdict/cast.ts";
import { Scene } from "../../protocol/verdict/scene.ts";

const PURL = "pkg:generic/tool@1";

/** Three steps, each of another file; the first two files are known by what the third and second say. */
function told(...more: readonly string[]): Scene {
  const scene = new Scene();
  for (const line of [
    "builder a",
    "builder b",
    "builder p role=packer",
    "builder l role=localiser",
    "match pkg:generic/tool",
    `file purl=${PURL} file=tool-de.zip`,
    'rule steps=[{ name = "build", require = { k = 2, of = "role:rebuilder" } }, { name = "pack", require = { k = 1, of = "role:packer" } }, { name = "localise", renames = { ".zip" = "-de.zip" }, require = { k = 1, of = "role:localiser" } }]',
    "a gives U file=tool.bin step=build",
    "p gives Z file=tool.zip step=pack from=out/tool.bin:U",
    "l gives F step=localise from=tool.zip:Z,de.po:P",
    ...more,
  ])
    scene.tell(line);
  return scene;
}

const isAsked = ({ targets, digests, builders }: Question, { entry, signer: by }: RawEntry): boolean => {
  const keys = new Set(targets.map(toHex));
  const sums = new Set(digests.map(toHex));
  return (
    builders.some((raw) => toHex(raw) === toHex(by)) &&
    parseAttestation(entry).claims.some(
      ({ target, sha256 }) => keys.has(target?.keyHex ?? "") || (sha256 !== null && sums.has(toHex(sha256))),
    )
  );
};

interface Asked {
  readonly outcome: Outcome;
  /** Over the network, the targets of each question. */
  readonly questions: readonly (readonly [network: boolean, files: readonly string[]])[];
}

const FILES = new Map(
  ["tool.bin", "tool.zip", "tool-de.zip"].map((file) => [parseTarget(PURL, file).keyHex, file]),
);

/** A source that has no more to say than it is asked. */
async function ask(scene: Scene, holdsFeeds: boolean, options: Partial<VerifyOptions> = {}): Promise<Asked> {
  const questions: (readonly [boolean, readonly string[]])[] = [];
  const raw = scene.raw();
  const find = (question: Question, { network }: { readonly network: boolean }): Promise<FindResult> => {
    questions.push([network, question.targets.flatMap((key) => FILES.get(toHex(key)) ?? [])]);
    const found = raw.entries.filter((entry) => isAsked(question, entry));
    const none = { heads: [], cosigned: [], joins: [], evidence: [] };
    return Promise.resolve({
      ...none,
      found,
      peers: { asked: 1, replied: 1 },
      dht: { asked: 0, replied: 0 },
      ended: true,
    });
  };
  const outcome = await verify([{ path: null, artifact: scene.artifact(), unfit: null }], {
    policy: scene.policy(),
    network: NETWORK,
    dataDir: await newFolder(),
    source: { name: "somebody", holdsFeeds, trusted: false, find, close: () => Promise.resolve() },
    bundles: [],
    mirrors: null,
    mirrorsMs: 60_000,
    deadlineMs: 5_000,
    now: NOW,
    ...options,
  });
  return { outcome, questions };
}

const verdictOf = ({ outcome }: Asked): string => outcome.judged[0]?.verdict.verdict ?? "";
const B = "b gives U file=tool.bin step=build";

test("a light peer asks step by step, as the files become known", async () => {
  const asked = await ask(told(B), false);
  assert.equal(verdictOf(asked), "reproduced", asked.outcome.judged[0]?.verdict.reasons.join("; "));
  assert.deepEqual(asked.questions, [
    [true, ["tool-de.zip"]],
    [true, ["tool.zip"]],
    [true, ["tool.bin"]],
  ]);
});

test("a node at hand is asked first, and the mesh for what it leaves open", async () => {
  const asked = await ask(told(), true);
  assert.equal(verdictOf(asked), "pending");
  assert.deepEqual(
    asked.questions.filter(([network]) => !network),
    [
      [false, ["tool-de.zip"]],
      [false, ["tool.zip"]],
      [false, ["tool.bin"]],
    ],
  );
  assert.ok(asked.questions.some(([network, files]) => network && files.includes("tool.bin")));
  const near = await ask(told(), true, { isNear: true });
  assert.ok(
    near.questions.every(([network]) => !network),
    "a hook asks no network",
  );
  assert.equal(near.questions.length, 3);
});

test("dissent about a file in between is found by its name, and retractions with it", async () => {
  assert.equal(verdictOf(await ask(told(B, "b gives V file=tool.bin step=build"), false)), "contradicted");
  assert.equal(verdictOf(await ask(told("b gives V file=tool.bin step=build"), false)), "contradicted");
  const taken = told(B, "b takes-back 4 file=tool.bin");
  assert.equal(verdictOf(await ask(taken, false)), "pending");
});

test("a bundle has what all steps need, and gives the same verdict offline", async () => {
  const scene = told(B);
  const { outcome } = await ask(scene, false);
  const { bytes, attestations } = await collectBundle(outcome.raw, {
    policy: scene.policy(),
    network: NETWORK,
    now: NOW,
  });
  assert.equal(attestations, 4);
  const bundle = { path: "tool.bundle", bundle: readBundleFile(bytes) };
  const offline = await ask(scene, false, { source: null, bundles: [bundle] });
  assert.equal(verdictOf(offline), "reproduced");
  assert.deepEqual(offline.questions, []);
  assert.deepEqual(
    offline.outcome.judged[0]?.verdict.chain?.map(({ step, file, sha256 }) => [step, file, sha256]),
    [
      ["build", "tool.bin", toHex(digest("U"))],
      ["pack", "tool.zip", toHex(digest("Z"))],
      ["localise", "tool-de.zip", toHex(digest("F"))],
    ],
  );
});

test("mirrors are read for the builders and files of all steps", async () => {
  const sought: (readonly string[])[] = [];
  const scene = told(B);
  const raw = scene.raw();
  const mirrors = {
    read: ({
      targets,
      origins,
    }: {
      readonly targets: readonly Uint8Array[];
      readonly origins: readonly string[];
    }) => {
      sought.push(targets.flatMap((key) => FILES.get(toHex(key)) ?? []));
      assert.ok(origins.includes(`samebits/${NETWORK}/${toHex(signer("a").key.raw)}`));
      const keys = new Set(targets.map(toHex));
      const entries = raw.entries.filter(({ entry }) =>
        parseAttestation(entry).claims.some(({ target }) => keys.has(target?.keyHex ?? "")),
      );
      return Promise.resolve({
        raw: { entries, envelopes: [], heads: [], evidence: [] },
        count: 1,
        ended: true,
        dropped: [],
      });
    },
    progress: () => null,
  };
  assert.equal(verdictOf(await ask(scene, false, { source: null, mirrors })), "reproduced");
  assert.deepEqual(sought, [["tool-de.zip"], ["tool.zip"], ["tool.bin"]]);
});

test("a step's file of the same octets under another name is asked about by that name", async () => {
  const renamed = (...more: readonly string[]): Scene => {
    const scene = new Scene();
    for (const line of [
      "builder a",
      "builder b",
      "builder r role=release",
      "match pkg:generic/tool",
      `file purl=${PURL} file=tool.exe`,
      'rule steps=[{ name = "build", require = { k = 2, of = "role:rebuilder" } }, { name = "publish", renames = { "-build.exe" = ".exe" }, require = { k = 1, of = "role:release" } }]',
      "a gives F file=tool-build.exe step=build",
      "b gives F file=tool-build.exe step=build",
      "r gives F step=publish from=out/tool-build.exe:F",
      ...more,
    ])
      scene.tell(line);
    return scene;
  };
  for (const holdsFeeds of [true, false]) {
    assert.equal(verdictOf(await ask(renamed(), holdsFeeds)), "reproduced");
    const taken = renamed("b takes-back 2 file=tool-build.exe because=mistake");
    assert.equal(verdictOf(await ask(taken, holdsFeeds)), "pending", "a retraction names no digest");
  }
});
