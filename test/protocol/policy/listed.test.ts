/** Rules that ask apt's lists where a file is from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { explainPolicy, readPolicy, rulesFor } from "../../../protocol/policy/index.ts";
import type { AptListing } from "../../../protocol/policy/index.ts";
import { naiveRules } from "../../naive/rules.ts";
import type { NaiveRule } from "../../naive/rules.ts";
import { HEAD, RULE } from "./faults.ts";

const PURL = "pkg:deb/debian/hello@2.10-3?arch=amd64";

function ruleText(name: string, more: string, match = "pkg:deb/debian/*"): string {
  return (
    RULE.replace('"debian"', JSON.stringify(name)).replace('"pkg:deb/debian/*"', JSON.stringify(match)) + more
  );
}

function names(text: string, listed?: readonly AptListing[]): readonly (string | null)[] {
  return rulesFor(readPolicy(HEAD + text), PURL, listed).map((rule) => rule?.name ?? null);
}

const list = (origin: string | null, ...suites: readonly string[]): AptListing => ({ origin, suites });
const SUITES = 'apt_origin = "Debian*"\napt_suite = ["bookworm", "bookworm-*"]\n';
const BOTH = ruleText("strict", SUITES) + ruleText("other", "");

test("a rule is for what apt's lists have from there: by suite or codename", () => {
  assert.deepEqual(names(BOTH, [list("Debian", "oldstable", "bookworm")]), ["strict"]);
  assert.deepEqual(names(BOTH, [list("Debian Backports", "bookworm-backports")]), ["strict"]);
  assert.deepEqual(names(BOTH, [list("Debian", "trixie")]), ["other"]);
  assert.deepEqual(names(BOTH, [list("Ubuntu", "bookworm")]), ["other"]);
  assert.deepEqual(names(BOTH, [list("", "bookworm")]), ["other"], "its Release file has no Origin");
  assert.deepEqual(names(BOTH, [list("debian", "bookworm")]), ["other"], "letters are as they are");
});

test("what is in no list, and what lists have from several places, may be for either", () => {
  for (const listed of [
    undefined,
    [],
    [list("Debian", "bookworm"), list("Evil", "bookworm")],
    [list("Evil", "x"), list("Debian", "bookworm")],
    [list(null, "bookworm")],
    [{ origin: "Debian", suites: null }],
  ])
    assert.deepEqual(names(BOTH, listed), ["strict", "other"], JSON.stringify(listed));
  assert.deepEqual(names(ruleText("strict", SUITES)), ["strict", null]);
  assert.deepEqual(names(ruleText("elsewhere", SUITES, "pkg:deb/ubuntu/*") + ruleText("other", "")), [
    "other",
  ]);
  assert.deepEqual(
    names(BOTH, [{ origin: "Evil", suites: null }]),
    ["other"],
    "one of the two is enough to exclude",
  );
  // Two lists of one origin are no two places.
  assert.deepEqual(names(BOTH, [list("Debian", "bookworm"), list("Debian", "bookworm-updates")]), ["strict"]);
});

test("it is said in words", () => {
  assert.match(
    explainPolicy(readPolicy(HEAD + BOTH)).join("\n"),
    /"strict" is for pkg:deb\/debian\/\*, where apt's lists have the file from the origin "Debian\*" and the suite "bookworm" or "bookworm-\*", and asks/,
  );
});

const VALUES = ["ab", "ac", "bc"];
const pattern = fc.constantFrom("ab", "ac", "a*", "*");
const condition = fc.option(fc.uniqueArray(pattern, { minLength: 1, maxLength: 2 }));
const naiveRule = fc.record({ matches: fc.boolean(), origins: condition, suites: condition });
const naiveList = fc.record({
  origin: fc.option(fc.constantFrom(...VALUES)),
  suites: fc.option(fc.uniqueArray(fc.constantFrom(...VALUES), { maxLength: 2 })),
});

test("none is missing that may be for it, and with all known there is one", () => {
  fc.assert(
    fc.property(
      fc.array(naiveRule, { minLength: 1, maxLength: 4 }),
      fc.array(naiveList, { maxLength: 3 }),
      (some, lists) => {
        const rules: readonly NaiveRule[] = some.map((rule, at) => ({ ...rule, name: `r${at}` }));
        const text = rules
          .map(({ name, matches, origins, suites }) => {
            const said = (member: string, all: readonly string[] | null): string =>
              all === null ? "" : `${member} = ${JSON.stringify(all)}\n`;
            const match = matches ? "pkg:deb/debian/*" : "pkg:deb/ubuntu/*";
            return ruleText(name, said("apt_origin", origins) + said("apt_suite", suites), match);
          })
          .join("");
        const ours = names(text, lists);
        const naive = naiveRules(rules, lists, VALUES);
        // Rules may be left open that no world needs: only stricter.
        assert.deepEqual(
          naive.filter((name) => !ours.includes(name)),
          [],
        );
        const isKnown =
          lists.length === 1 && lists.every(({ origin, suites }) => origin !== null && suites !== null);
        if (isKnown) assert.deepEqual(ours, naive);
      },
    ),
    { numRuns: 2_000 },
  );
});
