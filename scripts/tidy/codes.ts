/** Error codes: each is used, explained in protocol/spec/errors.md, and asserted by a test. */
import type { Fault, Repository } from "./repository.ts";

const SPEC = "protocol/spec/errors.md";
const CODE = /^ *\| "([a-z0-9-]+\/[a-z0-9-]+)"/gm;

export function checkCodes(repository: Repository): Fault[] {
  const spec = repository.get(SPEC) ?? "";
  const faults: Fault[] = [];
  const known = new Set<string>();
  const tests = [...repository].filter(([path]) => path.startsWith("test/") && path.endsWith(".ts"));
  for (const room of ["protocol", "node", "client"]) {
    const file = `${room}/errors.ts`;
    const text = repository.get(file) ?? "";
    const inner = [...repository].filter(
      ([path]) => path.startsWith(`${room}/`) && path.endsWith(".ts") && path !== file,
    );
    for (const match of text.matchAll(CODE)) {
      const code = match[1] ?? "";
      const quoted = `"${code}"`;
      const line = text.slice(0, match.index).split("\n").length;
      const report = (message: string): number => faults.push({ file, line, message: `${code} ${message}` });
      known.add(code);
      if (!inner.some(([, source]) => source.includes(quoted))) report("is used nowhere");
      if (!spec.includes(`\`${code}\``)) report(`is not explained in ${SPEC}`);
      if (!tests.some(([, source]) => source.includes(quoted))) report("is asserted by no test");
    }
  }
  for (const match of spec.matchAll(/^\| `([a-z0-9-]+\/[a-z0-9-]+)`/gm)) {
    if (known.has(match[1] ?? "")) continue;
    const line = spec.slice(0, match.index).split("\n").length;
    faults.push({ file: SPEC, line, message: `${match[1]} is no code of ours` });
  }
  return faults;
}
