/** No file reaches itself through its imports, types counted. */
import type { Fault, Repository } from "./repository.ts";
import { type Import, sources } from "./source.ts";

/** Each circle once. Dynamic imports aren't followed: they are how loading late is written. */
export function checkCircles(repository: Repository): Fault[] {
  const graph = new Map<string, readonly Import[]>();
  for (const { path, imports } of sources(repository)) {
    graph.set(
      path,
      imports.filter(({ kind }) => kind !== "dynamic"),
    );
  }
  const done = new Set<string>();
  const faults: Fault[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    for (const { target, line } of graph.get(path) ?? []) {
      if (target === null || done.has(target)) continue;
      const start = trail.indexOf(target);
      if (start === -1) walk(target, [...trail, target]);
      else
        faults.push({ file: path, line, message: `circle: ${[...trail.slice(start), target].join(" → ")}` });
    }
    done.add(path);
  };
  for (const path of graph.keys()) if (!done.has(path)) walk(path, [path]);
  return faults;
}
