/** Policies that are none for what their rules ask beside a quorum: steps, words for roles, publishers, sources. */
import { FIRST_KEY, HEAD, RULE } from "./faults.ts";
import type { Fault } from "./faults.ts";

/** A key that no feed can have. */
const P256 = JSON.stringify(
  "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n",
);

export const DEMANDS: readonly Fault[] = [
  [
    "a step with a line break in it",
    HEAD + RULE.replace("k = 2,", 'k = 2, step = "re\\nview",'),
    "policy/bad-name",
    "policy.toml:12:1",
  ],
  ["a step of nothing", HEAD + RULE.replace("k = 2,", 'k = 2, step = "",'), "policy/bad-name"],
  [
    "a step of 129 octets",
    HEAD + RULE.replace("k = 2,", `k = 2, step = "${"x".repeat(129)}",`),
    "shape/out-of-range",
  ],
  [
    "two steps and one builder for both",
    HEAD +
      RULE.replace(
        /require = .*/,
        'require = [{ k = 1, of = "tu-example" }, { k = 1, of = "tu-example", step = "review" }]',
      ),
    "policy/never-met",
    "policy.toml:12:1",
  ],
  [
    "a word for a role that nobody has",
    `${HEAD}${RULE}on_contradiction = { rebuildr = "warn" }\n`,
    "policy/unknown-name",
    "policy.toml:13:",
  ],
  [
    "a word for a role that nobody can have",
    `${HEAD}${RULE}on_contradiction = { "re\\u0000" = "warn" }\n`,
    "policy/bad-name",
    "policy.toml:13:",
  ],
  [
    "an unknown word for a role",
    `${HEAD}${RULE}on_difference = { rebuilder = "warn" }\n`,
    "shape/out-of-range",
  ],
  ["a list of words", `${HEAD}${RULE}on_contradiction = ["warn"]\n`, "shape/wrong-type"],
  ["listed by nobody", `${HEAD}${RULE}logged_by = "publisher"\n`, "policy/unknown-name", "policy.toml:13:1"],
  [
    "listed by a group",
    `${HEAD}[groups.g]\nany = ["tu-example"]\n${RULE}logged_by = "g"\n`,
    "policy/unknown-name",
    "policy.toml:15:1",
  ],
  [
    "listed by one who can have no feed",
    `${HEAD.replace(FIRST_KEY, P256)}${RULE}logged_by = "tu-example"\n`,
    "policy/never-met",
    "policy.toml:13:1",
  ],
  ["another word for a source", `${HEAD}${RULE}source = "equal"\n`, "shape/out-of-range"],
  [
    "a source stated by more than there are",
    `${HEAD}${RULE}source = { k = 3, of = "role:rebuilder" }\n`,
    "policy/never-met",
    "policy.toml:13:1",
  ],
  [
    "a source stated by nobody",
    `${HEAD}${RULE}source = { k = 1, of = "role:author" }\n`,
    "policy/unknown-name",
  ],
  [
    "a source whose statement has an age of no kind",
    `${HEAD}${RULE}source = { k = 1, of = "tu-example", max_attestation_age = "old" }\n`,
    "policy/bad-age",
    "policy.toml:13:",
  ],
  [
    "a source with a distinct of its own",
    `${HEAD}${RULE}source = { k = 1, of = "tu-example", distinct = "builder" }\n`,
    "shape/unknown-member",
    "policy.toml:13:",
  ],
  ...of(
    "a source signed by more than there are",
    'signed = { k = 3, of = "role:rebuilder" }',
    "policy/never-met",
  ),
  ...of(
    "a source signed in a step",
    'signed = { k = 1, of = "tu-example", step = "tag" }',
    "shape/unknown-member",
  ),
  ...of("a source signed by nobody that is named", "signed = { k = 1 }", "shape/missing"),
  ...of("a tag that nobody has to sign", 'tag = "v{version}"', "policy/bad-rule"),
  ...of("a tag with a wildcard", 'signed = { k = 1, of = "tu-example" }, tag = "v*"', "policy/bad-pattern"),
  ...of(
    "a tag with a word of its own",
    'signed = { k = 1, of = "tu-example" }, tag = "v{release}"',
    "policy/bad-pattern",
  ),
  ...of("tags of no name", 'signed = { k = 1, of = "tu-example" }, tag = []', "policy/never-met"),
  ...of("a branch without a name", 'branch = ""', "policy/bad-name"),
  ...of("a repository with a user", 'repository = "https://me@git.example.org/tool"', "policy/bad-name"),
  ...of("a repository that is a folder", 'repository = ["/srv/tool"]', "policy/bad-name"),
  ...of(
    "an age of what nobody states",
    'branch = "main", max_attestation_age = "7d"',
    "shape/unknown-member",
  ),
  ...of("a step in which nobody states", 'branch = "main", step = "source"', "shape/unknown-member"),
  ...of("a source of which nothing is asked", "", "shape/missing"),
];

function of(what: string, members: string, code: Fault[2]): readonly Fault[] {
  return [[what, `${HEAD}${RULE}source = { ${members} }\n`, code, "policy.toml:13:"]];
}
