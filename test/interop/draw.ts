/** Random artifacts, patterns and rules: of names that are alike, so that patterns often nearly match. */
import type { Random } from "../sim/random.ts";
import type { Files, Words } from "./sketch.ts";

const NAMES = [
  "a.c",
  "b.c",
  "README",
  "src/a.c",
  "src/b.c",
  "src/lib/a.c",
  "dist/foo_1.0-1_amd64.deb",
  "dist/foo_1.0-1+b1_amd64.deb",
  "dist/foo.tar.gz",
  "foo.tar.gz",
  "foo-signed.exe",
  "doc/[x].txt",
  "doc/x.txt",
  "doc/!.txt",
  "x^y~1.deb",
  "with space.txt",
  "-",
] as const;
const CONTENTS = ["one", "two", "three"] as const;
/** What is odd about Python's patterns: sets that do not end, begin with `]`, `!` or `^`, have hyphens at either end or run backwards. */
export const ODD: readonly string[] = [
  "*.[ch]",
  "*.[!ch]",
  "*[]]*",
  "*[!]]*",
  "*[[]x]*",
  "*[x",
  "[",
  "*[]x",
  "*[a-]*",
  "*[-a]*",
  "*[z-a]*",
  "*[!z-a]*",
  "*[^y]*",
  "[!*]*",
  "[a-c][.]c",
  "*[a-cx-z]*",
  "*[!a-zA-Z./]*",
  "*[--/]*",
  "**",
  "*?*",
  "????",
  "*/*",
  "?*/*.c",
  "",
];
const PREFIXES = ["src", "src/", "dist", "doc", "src/lib", "nothing", "dist/foo"] as const;

export function content(random: Random): string {
  return random.pick(CONTENTS);
}

export function artifacts(random: Random, most: number): Files {
  const names = random.shuffled(NAMES).slice(0, random.below(most + 1));
  return Object.fromEntries(names.map((name) => [name, content(random)]));
}

/** What a step gives that took this: some of it kept, some changed, some gone, and something new. */
export function worked(random: Random, materials: Files): Files {
  const products = Object.entries(materials).flatMap(([name, old]) => {
    if (random.chance(0.25)) return [];
    return [[name, random.chance(0.3) ? content(random) : old] as const];
  });
  return { ...Object.fromEntries(products), ...artifacts(random, 2) };
}

/** What the next step takes: as a rule what there was, at times less, more, in another folder, or changed on the way. */
export function handedOn(random: Random, products: Files): Files {
  const moved = random.chance(0.25) ? `${random.pick(["src", "dist", "doc"])}/` : "";
  const taken = Object.entries(products).flatMap(([name, old]) => {
    if (random.chance(0.15)) return [];
    return [[moved + name, random.chance(0.1) ? content(random) : old] as const];
  });
  return { ...Object.fromEntries(taken), ...(random.chance(0.15) ? artifacts(random, 1) : {}) };
}

export function pattern(random: Random, files: Files): string {
  if (random.chance(0.12)) return random.pick(ODD);
  const names = Object.keys(files);
  const name = names.length > 0 && random.chance(0.85) ? random.pick(names) : random.pick(NAMES);
  const at = random.below(name.length);
  const one = name[at] ?? "";
  const around = (middle: string): string => name.slice(0, at) + middle + name.slice(at + 1);
  switch (random.below(9)) {
    case 0:
    case 1:
      return name;
    case 2:
      return "*";
    case 3:
      return `${name.slice(0, at)}*`;
    case 4:
      return `*${name.slice(at)}`;
    case 5:
      return around("?");
    case 6:
      return around(random.chance(0.5) ? `[${one}]` : `[!${one}]`);
    case 7:
      return around(random.pick(["[a-z]", "[!a-z]", "[a-zA-Z.]", "*"]));
    default:
      return around("*").replace(/[a-z]$/, "?");
  }
}

const PLAIN = ["CREATE", "DELETE", "MODIFY", "ALLOW", "DISALLOW", "REQUIRE"] as const;

/** A rule about some of these; a MATCH is with one of the items named. */
export function rule(random: Random, files: Files, others: readonly string[]): Words {
  if (random.chance(0.4)) {
    const item = random.chance(0.05) ? "nobody" : random.pick(others);
    const word = (text: string): string => (random.chance(0.1) ? text.toLowerCase() : text);
    const prefixed = (): Words => (random.chance(0.25) ? [word("IN"), random.pick(PREFIXES)] : []);
    const kind = word(random.chance(0.7) ? "PRODUCTS" : "MATERIALS");
    const source = prefixed();
    const shown = source.length === 0 ? files : under(files, source[1] ?? "");
    return [
      word("MATCH"),
      pattern(random, shown),
      ...source,
      word("WITH"),
      kind,
      ...prefixed(),
      word("FROM"),
      item,
    ];
  }
  const kind = random.pick(PLAIN);
  const names = Object.keys(files);
  if (kind === "REQUIRE" && names.length > 0 && random.chance(0.7)) return [kind, random.pick(names)];
  // a rule that fails at once ends the case: fewer of these
  if (kind === "DISALLOW" && random.chance(0.6)) return ["ALLOW", pattern(random, files)];
  return [kind, pattern(random, files)];
}

function under(files: Files, prefix: string): Files {
  const folder = prefix.endsWith("/") ? prefix : `${prefix}/`;
  const inside = Object.entries(files).filter(([name]) => name.startsWith(folder));
  return Object.fromEntries(inside.map(([name, value]) => [name.slice(folder.length), value]));
}

/** Rules for the artifacts of an item, as a rule with what is usual at the end. */
export function rules(random: Random, files: Files, others: readonly string[]): readonly Words[] {
  const drawn = Array.from({ length: random.below(5) }, () => rule(random, files, others));
  if (random.chance(0.4)) drawn.push(["ALLOW", "*"]);
  else for (const name of Object.keys(files)) if (random.chance(0.8)) drawn.push(["ALLOW", name]);
  if (random.chance(0.7)) drawn.push(["DISALLOW", "*"]);
  return drawn;
}
