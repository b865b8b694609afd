/**
 * Error codes: each stands in one table, is used, explained in protocol/spec/errors.md, and asserted by a test; and what
 * looks like one stands in a table.
 */
import type { Fault, Repository } from "./repository.ts";

const SPEC = "protocol/spec/errors.md";
const ROOMS = ["protocol", "node", "client"] as const;
const LISTED = /^ *\| "([a-z0-9-]+\/[a-z0-9-]+)"/gm;
const QUOTED = /"([a-z0-9-]+)\/[a-z0-9-]+"/g;
const EXPLAINED = /^\| `([a-z0-9-]+\/[a-z0-9-]+)` \| (.*) \|$/gm;

interface Code {
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

export function checkCodes(repository: Repository): Fault[] {
  const codes = ROOMS.flatMap((room) => listed(repository, `${room}/errors.ts`));
  return [
    ...checkEach(repository, codes),
    ...checkUnlisted(repository, codes),
    ...checkSpec(repository.get(SPEC) ?? "", codes),
  ];
}

function listed(repository: Repository, file: string): Code[] {
  const text = repository.get(file) ?? "";
  return [...text.matchAll(LISTED)].map((match) => ({
    code: match[1] ?? "",
    file,
    line: lineOf(text, match.index),
  }));
}

function checkEach(repository: Repository, codes: readonly Code[]): Fault[] {
  const faults: Fault[] = [];
  const spec = repository.get(SPEC) ?? "";
  const tests = [...repository].filter(([path]) => path.startsWith("test/") && path.endsWith(".ts"));
  const seen = new Set<string>();
  for (const { code, file, line } of codes) {
    const quoted = `"${code}"`;
    const report = (message: string): number => faults.push({ file, line, message: `${code} ${message}` });
    const inner = sources(repository, file.slice(0, file.indexOf("/")));
    if (seen.has(code)) report("stands in two tables");
    if (!inner.some(([, source]) => source.includes(quoted))) report("is used nowhere");
    if (!spec.includes(`\`${code}\``)) report(`is not explained in ${SPEC}`);
    if (!tests.some(([, source]) => source.includes(quoted))) report("is asserted by no test");
    seen.add(code);
  }
  return faults;
}

/** A text in quotes whose first half is the area of known codes. */
function checkUnlisted(repository: Repository, codes: readonly Code[]): Fault[] {
  const known = new Set(codes.map(({ code }) => `"${code}"`));
  const areas = new Set(codes.map(({ code }) => code.split("/")[0] ?? ""));
  return ROOMS.flatMap((room) => sources(repository, room)).flatMap(([file, source]) =>
    [...source.matchAll(QUOTED)]
      .filter(([quoted, area = ""]) => areas.has(area) && !known.has(quoted))
      .map(({ 0: quoted, index }) => ({
        file,
        line: lineOf(source, index),
        message: `${quoted} stands in no table of codes`,
      })),
  );
}

/** Each row is about one code, and says more than the code does. */
function checkSpec(spec: string, codes: readonly Code[]): Fault[] {
  const known = new Set(codes.map(({ code }) => code));
  const faults: Fault[] = [];
  for (const { 1: code = "", 2: meaning = "", index } of spec.matchAll(EXPLAINED)) {
    const report = (message: string): number =>
      faults.push({ file: SPEC, line: lineOf(spec, index), message: `${code} ${message}` });
    if (!known.has(code)) report("is no code of ours, or has a row already");
    else if (meaning.trim() === (code.split("/")[1] ?? "").replaceAll("-", " ")) {
      report("is explained by its own words");
    }
    known.delete(code);
  }
  return faults;
}

/** A room's files, without its tables. */
function sources(repository: Repository, room: string): (readonly [string, string])[] {
  return [...repository].filter(
    ([path]) => path.startsWith(`${room}/`) && path.endsWith(".ts") && path !== `${room}/errors.ts`,
  );
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
