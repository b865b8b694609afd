/** Policies that are none: what is wrong with each, its code, and where. */
import { ed25519Key, publicFromSeed, toSpkiPem } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";

export const KEYS: readonly PublicKey[] = [1, 2, 3, 4].map((byte) =>
  ed25519Key(publicFromSeed(new Uint8Array(32).fill(byte))),
);
const [K1, K2, K3] = KEYS.map((key) => JSON.stringify(toSpkiPem(key)));
/** The keys of both builders, as a policy has them. */
export const FIRST_KEY: string = K1 ?? "";
export const SECOND_KEY: string = K2 ?? "";

export const HEAD: string = `version = 1
[builders.tu-example]
key = ${K1}
operator = "TU Example"
roles = ["rebuilder"]
[builders.uni-other]
key = ${K2}
roles = ["rebuilder"]
`;
export const RULE: string = `[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = "role:rebuilder", distinct = "operator" }
`;

export const EXCEPTION: string = `[[exceptions]]
name = "waiting"
match = "pkg:deb/debian/sl"
until = "2026-12-31"
reason = "nobody has built it yet"
`;

/** `count` builders of twelve operators in eleven countries: no one thing tells who is alike. */
function mixed(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const key = JSON.stringify(toSpkiPem(ed25519Key(publicFromSeed(new Uint8Array(32).fill(i + 9)))));
    return `[builders.b${i}]\nkey = ${key}\noperator = "O${i % 12}"\ncountry = "A${"ABCDEFGHIJK".charAt(i % 11)}"\nroles = ["rebuilder"]\n`;
  }).join("");
}

export type Fault = readonly [what: string, text: string, code: string, at?: string];

export const FAULTS: readonly Fault[] = [
  ["not TOML", `${HEAD}[[rules]\n`, "toml/bad-syntax", "policy.toml:9:"],
  [
    "another version",
    HEAD.replace("version = 1", "version = 2") + RULE,
    "policy/unsupported-version",
    "policy.toml:1:1",
  ],
  ["no version", HEAD.replace("version = 1", "") + RULE, "shape/missing"],
  ["an unknown key", `${HEAD}${RULE}frobnicate = 1\n`, "shape/unknown-member", "policy.toml:13:1"],
  ["an unknown table", `${HEAD}${RULE}[extra]\nx = 1\n`, "shape/unknown-member", "policy.toml:13:"],
  ["no rules", HEAD, "shape/missing"],
  ["k of text", HEAD + RULE.replace("k = 2", 'k = "2"'), "shape/wrong-type", "policy.toml:12:"],
  ["k = 0", HEAD + RULE.replace("k = 2", "k = 0"), "shape/out-of-range", "policy.toml:12:"],
  ["logged of text", `${HEAD}${RULE}logged = "true"\n`, "shape/wrong-type", "policy.toml:13:1"],
  ["an unknown mode", `${HEAD}${RULE}mode = "off"\n`, "shape/out-of-range", "policy.toml:13:1"],
  ["a bad key", HEAD.replace(K1 ?? "", '"AAAA"') + RULE, "policy/bad-key", "policy.toml:3:1"],
  [
    "a revoked key without a date",
    HEAD.replace(K1 ?? "", `{ key = ${K1} }`) + RULE,
    "shape/missing",
    "policy.toml:3:",
  ],
  [
    "a revoked key with a day that is none",
    HEAD.replace(K1 ?? "", `{ key = ${K1}, revoked = "2026-13-01" }`) + RULE,
    "policy/bad-date",
    "policy.toml:3:",
  ],
  [
    "a revoked key with more",
    HEAD.replace(K1 ?? "", `{ key = ${K1}, revoked = "2026-10-01", reason = "x" }`) + RULE,
    "shape/unknown-member",
    "policy.toml:3:",
  ],
  [
    "a revoked key that no witness can vouch for",
    HEAD.replace(K1 ?? "", `{ key = ${K1}, revoked = "2026-10-01", witnesses = { k = 1 } }`) + RULE,
    "policy/never-met",
    "policy.toml:3:",
  ],
  [
    "a key that is revoked and is not",
    HEAD.replace(`key = ${K1}`, `keys = [${K1}, { key = ${K1}, revoked = "2026-10-01" }]`) + RULE,
    "policy/duplicate-name",
    "policy.toml:3:",
  ],
  [
    "a time in the feed that nobody can prove",
    `${HEAD}${RULE}logged_for = "7d"\n`,
    "policy/never-met",
    "policy.toml:13:1",
  ],
  [
    "a time in the feed that is none",
    `${HEAD}${RULE}logged_for = "soon"\n`,
    "policy/bad-age",
    "policy.toml:13:1",
  ],
  ["key and keys", HEAD.replace(`key = ${K1}`, `key = ${K1}\nkeys = [${K3}]`) + RULE, "policy/bad-key"],
  ["no key at all", HEAD.replace(`key = ${K1}\n`, "keys = []\n") + RULE, "policy/bad-key"],
  ["one key, two builders", HEAD.replace(K2 ?? "", K1 ?? "") + RULE, "policy/shared-key", "policy.toml:6:"],
  ["a name of digits", HEAD.replaceAll("tu-example", "17") + RULE, "policy/bad-name"],
  ["an operator with blanks around", HEAD.replace("TU Example", " TU") + RULE, "policy/bad-name"],
  ["a feed that is no origin", HEAD.replace("roles =", 'feeds = ["x"]\nroles =') + RULE, "policy/bad-feed"],
  [
    "an unknown role",
    HEAD + RULE.replace("role:rebuilder", "role:author"),
    "policy/unknown-name",
    "policy.toml:12:",
  ],
  [
    "a builder nobody knows",
    HEAD + RULE.replace('"role:rebuilder"', '["tu-example", "x"]'),
    "policy/unknown-name",
  ],
  [
    "a later group",
    `${HEAD}[groups.a]\nany = ["b"]\n[groups.b]\nany = ["tu-example"]\n${RULE}`,
    "policy/unknown-name",
  ],
  [
    "a group named as a builder",
    `${HEAD}[groups.tu-example]\nany = ["uni-other"]\n${RULE}`,
    "policy/duplicate-name",
  ],
  ["two rules of one name", HEAD + RULE + RULE, "policy/duplicate-name", "policy.toml:14:"],
  [
    "a member twice",
    HEAD + RULE.replace('"role:rebuilder"', '["tu-example", "tu-example"]'),
    "policy/duplicate-name",
  ],
  [
    "any and all",
    `${HEAD}[groups.a]\nany = ["tu-example"]\nall = ["tu-example"]\n${RULE}`,
    "policy/bad-group",
  ],
  ["k without of", `${HEAD}[groups.a]\nk = 1\nany = ["tu-example"]\n${RULE}`, "policy/bad-group"],
  ["an empty group", `${HEAD}[groups.a]\nall = []\n${RULE}`, "policy/bad-group"],
  ["3 of 2", HEAD + RULE.replace("k = 2", "k = 3"), "policy/never-met", "policy.toml:12:"],
  ["no requirement", HEAD + RULE.replace(/require = .*/, "require = []"), "policy/never-met"],
  [
    "two of one operator",
    HEAD.replace('roles = ["rebuilder"]\n[', 'roles = ["rebuilder"]\n[').replace(
      `key = ${K2}\n`,
      `key = ${K2}\noperator = "TU Example"\n`,
    ) + RULE,
    "policy/never-met",
  ],
  [
    "distinct here, not there",
    HEAD +
      RULE.replace(
        /require = .*/,
        'require = [{ k = 1, of = "tu-example" }, { k = 1, of = "uni-other", distinct = "operator" }]',
      ),
    "policy/mixed-distinct",
  ],
  [
    "a country in words",
    HEAD.replace("operator =", 'country = "Germany"\noperator =') + RULE,
    "policy/bad-name",
    "policy.toml:4:1",
  ],
  [
    "an architecture in capitals",
    HEAD.replace("operator =", 'architecture = "ARM64"\noperator =') + RULE,
    "policy/bad-name",
  ],
  [
    "a country that a builder does not state",
    HEAD.replace("operator =", 'country = "DE"\noperator =') + RULE.replace('"operator"', '"country"'),
    "policy/missing-trait",
    "policy.toml:13:1",
  ],
  [
    "two of one country",
    HEAD.replaceAll("roles =", 'country = "DE"\nroles =') + RULE.replace('"operator"', '["country"]'),
    "policy/never-met",
  ],
  ["distinct in nothing", HEAD + RULE.replace('"operator"', "[]"), "policy/mixed-distinct"],
  ["builder and more", HEAD + RULE.replace('"operator"', '["builder", "operator"]'), "policy/mixed-distinct"],
  ["operator twice", HEAD + RULE.replace('"operator"', '["operator", "operator"]'), "policy/duplicate-name"],
  ["an unknown trait", HEAD + RULE.replace('"operator"', '"continent"'), "shape/out-of-range"],
  ["an exception without an end", `${HEAD}${RULE}${EXCEPTION.replace(/until.*/, "")}`, "shape/missing"],
  ["an exception without a reason", `${HEAD}${RULE}${EXCEPTION.replace(/reason.*/, "")}`, "shape/missing"],
  [
    "an exception until a day that there is not",
    `${HEAD}${RULE}${EXCEPTION.replace("12-31", "02-31")}`,
    "policy/bad-date",
    "policy.toml:16:1",
  ],
  [
    "an exception until the year 10000",
    `${HEAD}${RULE}${EXCEPTION.replace("2026", "10000")}`,
    "policy/bad-date",
  ],
  ["an exception until before 1970", `${HEAD}${RULE}${EXCEPTION.replace("2026", "1969")}`, "policy/bad-date"],
  [
    "two exceptions of one name",
    HEAD + RULE + EXCEPTION + EXCEPTION,
    "policy/duplicate-name",
    "policy.toml:19:1",
  ],
  [
    "an exception for a pattern that is none",
    `${HEAD}${RULE}${EXCEPTION.replace("debian/sl", "**")}`,
    "policy/bad-pattern",
    "policy.toml:15:1",
  ],
  ["an exception for no file", `${HEAD}${RULE}${EXCEPTION}sha256 = []\n`, "policy/bad-exception"],
  [
    "an exception for half a digest",
    `${HEAD}${RULE}${EXCEPTION}sha256 = "${"ab".repeat(16)}"\n`,
    "policy/bad-exception",
  ],
  [
    "an exception for a digest twice",
    `${HEAD}${RULE}${EXCEPTION}sha256 = ["${"ab".repeat(32)}", "${"ab".repeat(32)}"]\n`,
    "policy/duplicate-name",
  ],
  [
    "an exception for whatever contradicts",
    `${HEAD}${RULE}${EXCEPTION}over = "contradicted"\n`,
    "policy/bad-exception",
  ],
  ["an exception for all that is refused", `${HEAD}${RULE}${EXCEPTION}over = "all"\n`, "shape/out-of-range"],
  [
    "an origin where apt is not asked",
    `${HEAD}${RULE.replace("deb/debian", "npm/@x")}apt_origin = "Debian"\n`,
    "policy/bad-pattern",
    "policy.toml:13:1",
  ],
  ["no suite", `${HEAD}${RULE}apt_suite = []\n`, "policy/bad-pattern", "policy.toml:13:1"],
  ["an empty origin", `${HEAD}${RULE}apt_origin = ""\n`, "policy/bad-name", "policy.toml:13:1"],
  ["an origin with a line", `${HEAD}${RULE}apt_origin = "a\\nb"\n`, "policy/bad-name"],
  ["an origin of stars", `${HEAD}${RULE}apt_origin = "${"a*".repeat(9)}"\n`, "policy/bad-pattern"],
  ["an origin in numbers", `${HEAD}${RULE}apt_origin = 1\n`, "shape/wrong-type"],
  [
    "seventeen suites",
    `${HEAD}${RULE}apt_suite = [${Array.from({ length: 17 }, (_, n) => `"s${n}"`).join(", ")}]\n`,
    "shape/out-of-range",
  ],
  ["a bad pattern", HEAD + RULE.replace("debian/*", "**"), "policy/bad-pattern", "policy.toml:11:1"],
  ["an age in words", `${HEAD}${RULE}max_head_age = "30 days"\n`, "policy/bad-age", "policy.toml:13:1"],
  ["an age of a century", `${HEAD}${RULE}max_head_age = "36500d"\n`, "policy/bad-age"],
  ["a name from the prototype", `${HEAD}[groups.g]\nany = ["__proto__"]\n${RULE}`, "policy/unknown-name"],
  ["too big", `${HEAD}${RULE}#${"x".repeat(512 * 1024)}`, "bytes/too-big"],
  [
    "too complex",
    `version = 1\n${Array.from({ length: 24 }, (_, i) => `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(publicFromSeed(new Uint8Array(32).fill(i + 9)))))}\n`).join("")}${Array.from({ length: 12 }, (_, i) => `[groups.g${i}]\nall = ["b${2 * i}", "b${2 * i + 1}"]\n`).join("")}${RULE.replace(
      '"role:rebuilder"',
      `[${Array.from({ length: 12 }, (_, i) => `"g${i}"`).join(", ")}]`,
    )
      .replace("k = 2", "k = 6")
      .replace(
        "x",
        "x",
      )}${RULE.replace('"debian"', '"more"').replace(/require = .*/, `require = [{ k = 6, of = [${Array.from({ length: 12 }, (_, i) => `"g${i}"`).join(", ")}] }, { k = 1, of = ["g0", "g1"] }]`)}`,
    "policy/too-complex",
  ],
  [
    "too many choices",
    `version = 1\n${mixed(40)}${RULE.replace("k = 2", "k = 6").replace('"operator"', '"country"')}`,
    "policy/too-complex",
    "policy.toml:205:1",
  ],
];
