/** How many questions many files take. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_QUERY_KEYS, parseTarget, readPolicy, sha256, utf8 } from "../../../protocol/index.ts";
import type { Artifact } from "../../../protocol/index.ts";
import { questionsFor, wantedBy } from "../../../client/verify/question.ts";
import { member, policyText, PURL } from "../cli/stage.ts";

const POLICY = readPolicy(policyText([member(1), member(2)], [], 2), "policy.toml");
const FILES = 2_001;

function artifacts(isInside: boolean): readonly Artifact[] {
  return Array.from({ length: FILES }, (_, at) => {
    const target = parseTarget(PURL, `file-${at}`);
    return { sha256: sha256(utf8(target.file)), name: target.file, target, inside: isInside ? target : null };
  });
}

test("a question names a thousand files, and fewer where each may stand in links of every signer", () => {
  for (const [isInside, each] of [
    [false, MAX_QUERY_KEYS],
    [true, Math.floor(MAX_QUERY_KEYS / 3)],
  ] as const) {
    const questions = questionsFor(wantedBy(POLICY, artifacts(isInside), 0), false);
    assert.equal(questions.length, Math.ceil(FILES / each));
    for (const { targets, digests } of questions)
      assert.ok(targets.length <= MAX_QUERY_KEYS && digests.length <= MAX_QUERY_KEYS);
    assert.equal(new Set(questions.flatMap(({ digests }) => digests.map(String))).size, FILES);
  }
});
