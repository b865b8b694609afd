/**
 * Writes test/vectors/policy/policies.json for `protocol/spec/policy.md`: policies with who is counted for a purl and which sets of
 * builders are enough, and texts that are none, with code and place. Same output every time.
 */
import { ProtocolError, publicFromSeed, toVkey } from "../../protocol/index.ts";
import { enough } from "../../test/protocol/policy/enough.ts";
import { writeVectors } from "./write.ts";

const HELLO = "pkg:deb/debian/hello@2.10-3?arch=amd64";

/** A builder whose key is made of a number. */
function builder(name: string, number: number, more = ""): string {
  const vkey = toVkey(`${name}.example`, publicFromSeed(new Uint8Array(32).fill(number)));
  return `[builders.${name}]\nkey = "${vkey}"\n${more}`;
}

const THREE = ["a", "b", "c"]
  .map((name, index) => builder(name, index + 1, 'roles = ["rebuilder"]\n'))
  .join("");
const RULE = '[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\n';
const NEST = '[groups.ab]\nany = ["a", "b"]\n[groups.ac]\nany = ["a", "c"]\n';

const rule = (require: string, more = ""): string =>
  `version = 1\n${THREE}${RULE}require = ${require}\n${more}`;

const valid: readonly (readonly [about: string, text: string, purls?: readonly string[]])[] = [
  ["two of a role", rule('{ k = 2, of = "role:rebuilder" }')],
  ["all of a list", rule('{ k = 2, of = ["a", "b"] }')],
  [
    "an operator counts once",
    `version = 1\n${builder("a", 1, 'operator = "O"\n')}${builder("b", 2, 'operator = "O"\n')}${builder("c", 3)}${RULE}require = { k = 2, of = ["a", "b", "c"], distinct = "operator" }\n`,
  ],
  [
    "a builder that could sit on two seats",
    `version = 1\n${THREE}${NEST}${RULE}require = { k = 2, of = ["ab", "ac"] }\n`,
  ],
  [
    "a group, and more of it than it asks for",
    `version = 1\n${THREE}${NEST}${RULE}require = { k = 2, of = "ab" }\n`,
  ],
  [
    "a group that needs two",
    `version = 1\n${THREE}[groups.g]\nk = 2\nof = ["a", "b", "c"]\n${RULE}require = { k = 1, of = "g" }\n`,
  ],
  [
    "all of a group",
    `version = 1\n${THREE}[groups.g]\nall = ["a", "role:rebuilder"]\n${RULE}require = { k = 1, of = "g" }\n`,
  ],
  [
    "nobody of the same operator or country: a and c are two, a and b not, b and c neither",
    `version = 1\n${builder("a", 1, 'operator = "O"\ncountry = "DE"\n')}${builder("b", 2, 'operator = "O"\ncountry = "FR"\n')}${builder("c", 3, 'country = "FR"\n')}${RULE}require = { k = 2, of = ["a", "b", "c"], distinct = ["operator", "country"] }\n`,
  ],
  ["two requirements", rule('[{ k = 1, of = ["a"] }, { k = 1, of = "role:rebuilder" }]')],
  [
    "each requirement has its step: nobody sits for both",
    rule('[{ k = 1, of = "role:rebuilder", step = "rebuild" }, { k = 1, of = ["a", "b"], step = "review" }]'),
  ],
  [
    "a publisher is heard and has no seat, and neither has who states the source",
    rule(
      '{ k = 1, of = ["a"] }',
      'logged_by = "b"\nsource = { k = 1, of = ["c"] }\non_contradiction = { rebuilder = "majority" }\n',
    ),
  ],
  [
    "the first rule that matches",
    `version = 1\n${THREE}[[rules]]\nname = "one"\nmatch = "pkg:deb/debian/hel*"\nrequire = { k = 1, of = ["a"] }\n${RULE}require = { k = 1, of = ["b"] }\n`,
    [HELLO, "pkg:deb/debian/sed@4.9-1?arch=amd64", "pkg:deb/ubuntu/sed@4.9-1?arch=amd64"],
  ],
  [
    "patterns stay within their segment",
    `version = 1\n${THREE}[[rules]]\nname = "any"\nmatch = "pkg:*/*/*"\nrequire = { k = 1, of = ["a"] }\n`,
    [HELLO, "pkg:generic/bitcoin-core/bitcoin@27.0", "pkg:generic/bitcoin@27.0"],
  ],
  [
    "an exception demands nothing and changes nothing of what is demanded",
    rule(
      '{ k = 2, of = "role:rebuilder" }',
      '[[exceptions]]\nname = "waiting"\nmatch = "pkg:deb/debian/*"\nuntil = "2026-12-31"\nreason = "nobody has built it yet"\n',
    ),
  ],
  [
    "everything that a rule may say",
    rule(
      '{ k = 1, of = ["a"], distinct = "builder" }',
      'step = "sign"\non_contradiction = "majority"\non_difference = "contradict"\nmax_head_age = "30d"\nmax_attestation_age = "52w"\nview = "complete"\nlogged = true\nmode = "warn"\n[default]\nmode = "ignore"\n',
    ),
  ],
];

const good = rule('{ k = 1, of = ["a"] }');
const refused: readonly (readonly [about: string, text: string])[] = [
  ["no TOML", `${good}x = \n`],
  ["a date", `${good}max_head_age = 2026-11-21\n`],
  ["no version", good.replace("version = 1\n", "")],
  ["another version", good.replace("version = 1", "version = 2")],
  ["a misspelt member", `${good}on_contradicton = "warn"\n`],
  ["a member of another type", good.replace("k = 1", 'k = "1"')],
  ["a word that is none of those", `${good}mode = "off"\n`],
  ["no rule", `version = 1\n${THREE}`],
  ["a name that is a number", good.replace("builders.c", "builders.17")],
  [
    "an exception until no day",
    `${good}[[exceptions]]\nname = "x"\nmatch = "pkg:deb/debian/*"\nuntil = "2026-02-31"\nreason = "x"\n`,
  ],
  [
    "an exception for whatever contradicts",
    `${good}[[exceptions]]\nname = "x"\nmatch = "pkg:deb/debian/*"\nover = "contradicted"\nuntil = "2026-12-31"\nreason = "x"\n`,
  ],
  ["a country that no builder states", rule('{ k = 2, of = ["a", "b"], distinct = "country" }')],
  ["a rule's name with blanks around", good.replace('"debian"', '" debian"')],
  ["two rules of one name", `${good}${RULE}require = { k = 1, of = ["a"] }\n`],
  ["a group named as a builder", good.replace(RULE, `[groups.a]\nany = ["b"]\n${RULE}`)],
  ["a member twice", good.replace('["a"]', '["a", "a"]')],
  ["a builder that nobody knows", good.replace('["a"]', '["x"]')],
  [
    "a group that stands below",
    good.replace(RULE, `[groups.g]\nany = ["h"]\n[groups.h]\nany = ["b"]\n${RULE}`),
  ],
  ["a role that nobody has", good.replace('["a"]', '"role:author"')],
  ["a key that is none", good.replace(/key = "[^"]+"/, 'key = "AAAA"')],
  ["no key", good.replace(/key = "[^"]+"/, "keys = []")],
  [
    "one key, two builders",
    `version = 1\n${builder("a", 1)}${builder("b", 1)}${RULE}require = { k = 1, of = ["a"] }\n`,
  ],
  ["a feed that is no origin", good.replace(/key = /, 'feeds = ["samebits/main"]\nkey = ')],
  ["a group of no form", good.replace(RULE, `[groups.g]\nk = 1\n${RULE}`)],
  ["an empty group", good.replace(RULE, `[groups.g]\nany = []\n${RULE}`)],
  ["a pattern of another language", good.replace("debian/*", "debian/**")],
  ["a pattern with a version", good.replace("debian/*", "debian/hello@2.10-3")],
  ["an age of years", `${good}max_head_age = "1y"\n`],
  ["an age of eleven years", `${good}max_head_age = "4015d"\n`],
  ["two kinds of distinct", rule('[{ k = 1, of = ["a"] }, { k = 1, of = ["b"], distinct = "operator" }]')],
  [
    "one step",
    rule("").replace("require = ", 'steps = [{ name = "build", require = { k = 1, of = ["a"] } }]'),
  ],
  [
    "a step of another one's name",
    rule("").replace(
      "require = ",
      'steps = [{ name = "build", require = { k = 1, of = ["a"] } }, { name = "build", require = { k = 1, of = ["b"] } }]',
    ),
  ],
  ["more than there are", good.replace("k = 1", "k = 4")],
  ["more seats than 64", good.replace("k = 1", "k = 65")],
];

/** Code, and line and column where the message begins with them. */
function faultOf(text: string): { readonly code: string; readonly at: string | null } {
  try {
    enough(text, HELLO);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, at: /^policy\.toml:(\d+:\d+):/.exec(error.message)?.[1] ?? null };
  }
  throw new Error(`not refused: ${text}`);
}

const vectors = {
  valid: valid.map(([about, text, purls = [HELLO]]) => ({
    about,
    text,
    for: purls.map((purl) => ({ purl, ...enough(text, purl) })),
  })),
  refused: refused.map(([about, text]) => ({ about, text, ...faultOf(text) })),
};
writeVectors("policy/policies.json", vectors);
