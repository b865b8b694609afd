/** By which times `verify` asks what witnesses had cosigned: those of rules and of revoked keys, and none where the policy asks for none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { questionsFor, soughtBy, wantedBy } from "../../../client/verify/question.ts";
import {
  MAX_SINCE_TIMES,
  NOTE_COSIGNATURE,
  readPolicy,
  sha256,
  toSpkiPem,
  toVkey,
  utf8,
} from "../../../protocol/index.ts";
import { witnessOf } from "../../witness-requests.ts";
import { FILE, keyOf, member, NETWORK, SAME, TOOL } from "../cli/stage.ts";

const NOW = Date.UTC(2026, 0, 20, 12, 0, 0, 400);
const artifact = { sha256: sha256(utf8(SAME)), name: FILE, target: TOOL, inside: null };
const witness = witnessOf(new Uint8Array(32).fill(9), NETWORK);
const seconds = (...time: [number, number, number, number?]): number => Date.UTC(...time) / 1_000;

/** The questions about a file under a rule, by builders of whom each has a key that is revoked on a day of January 2026. */
function asked(rule: string, days: readonly number[]): ReturnType<typeof questionsFor> {
  const keys = days.map((day, i) => {
    const key = JSON.stringify(toSpkiPem(keyOf(member(i + 2)).key));
    return `[builders.r${i}]\nkey = { key = ${key}, revoked = "2026-01-${String(day).padStart(2, "0")}" }\nroles = ["rebuilder"]\n`;
  });
  const policy = readPolicy(
    `version = 1\n[builders.b1]\nkey = ${JSON.stringify(toSpkiPem(keyOf(member(1)).key))}\nroles = ["rebuilder"]\n${keys.join("")}` +
      `[witnesses.w]\nkey = "${toVkey(witness.name, witness.raw, NOTE_COSIGNATURE)}"\n` +
      `[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = "role:rebuilder" }\n${rule}`,
  );
  const wanted = wantedBy(policy, [artifact], NOW);
  const questions = questionsFor(wanted, true);
  const { since, witnesses } = soughtBy(wanted, NETWORK, [witness]);
  assert.deepEqual(new Set(since), new Set(questions.flatMap((question) => question.since ?? [])));
  assert.deepEqual(witnesses, [witness]);
  return questions;
}

test("a policy that asks for no time asks nobody for the past", () => {
  assert.deepEqual(
    asked("", []).map(({ since }) => since),
    [[]],
  );
});

test("a rule's time is asked for, and the second before each revocation whose time has come", () => {
  const [question, ...more] = asked('logged_for = "7d"', [2, 5, 30]);
  assert.deepEqual(more, []);
  assert.deepEqual(question?.since, [
    seconds(2026, 0, 13, 12),
    seconds(2026, 0, 2) - 1,
    seconds(2026, 0, 5) - 1,
  ]);
});

test("more times than one question takes are asked for in several, each of which names all that is wanted", () => {
  const questions = asked('logged_for = "1h"', [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    questions.map(({ since }) => since?.length),
    [MAX_SINCE_TIMES, 7 - MAX_SINCE_TIMES],
  );
  assert.deepEqual(questions[0]?.targets, questions[1]?.targets);
  assert.deepEqual(questions[0]?.builders, questions[1]?.builders);
});
