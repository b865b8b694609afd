/** JSON, taken apart and put together wrongly. */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const HOSTILE: readonly string[] = [
  "null",
  "true",
  "-1",
  "1e999",
  "9007199254740993",
  "0.5",
  '""',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  '"\u202e"',
  "[]",
  "{}",
  "[[]]",
  '{"__proto__":{"polluted":1}}',
  '{"a":1,"a":2}',
  `"${"x".repeat(20_000)}"`,
  `[${"0,".repeat(9_999)}0]`,
  `${"[".repeat(40)}${"]".repeat(40)}`,
];

/** The text of `value`, its node number `target` (in the order of the text) replaced, doubled, renamed or left out. */
function* mutants(value: Json): Generator<string> {
  const count = nodesOf(value);
  for (let target = 0; target < count; target++) {
    for (const bad of HOSTILE) yield write(value, { target, bad });
    yield write(value, { target, bad: null });
    yield write(value, { target, twice: true });
    yield write(value, { target, name: "__proto__" });
    yield write(value, { target, name: "constructor" });
  }
}

function nodesOf(value: Json): number {
  if (value === null || typeof value !== "object") return 1;
  return Object.values(value).reduce<number>((sum, below) => sum + nodesOf(below), 1);
}

interface Mutation {
  readonly target: number;
  /** Written in its place; null = it is left out. */
  readonly bad?: string | null;
  readonly twice?: boolean;
  readonly name?: string;
}

function write(value: Json, { target, bad, twice, name }: Mutation): string {
  let number = -1;
  const text = (node: Json, label: string | null): string[] => {
    const isTarget = ++number === target;
    const inner = isTarget && bad !== undefined ? skip(node) : body(node);
    const written = isTarget && typeof bad === "string" ? bad : inner;
    if (isTarget && bad === null) return [];
    const shown = isTarget && name !== undefined ? name : label;
    const member = label === null ? written : `${JSON.stringify(shown)}:${written}`;
    return isTarget && twice === true ? [member, member] : [member];
  };
  const skip = (node: Json): string => {
    number += nodesOf(node) - 1;
    return "";
  };
  const body = (node: Json): string => {
    if (node === null || typeof node !== "object") return JSON.stringify(node);
    if (Array.isArray(node)) return `[${node.flatMap((item) => text(item, null)).join(",")}]`;
    return `{${Object.entries(node)
      .flatMap(([label, member]) => text(member, label))
      .join(",")}}`;
  };
  return text(value, null).join(",");
}

/** Of DSSE envelopes also the payload. */
export function* jsonMutants(sample: string): Generator<string> {
  const value = JSON.parse(sample) as { [name: string]: Json };
  yield* mutants(value);
  const { payload } = value;
  if (typeof payload !== "string") return;
  const inner = JSON.parse(Buffer.from(payload, "base64").toString()) as Json;
  for (const text of mutants(inner)) {
    yield JSON.stringify({ ...value, payload: Buffer.from(text).toString("base64") });
  }
}
