/** Who may import what: rooms, doors, floors, packages, `node:` modules. */
import { FLOORS, MAY_ENTER, NODE_FROM_CLIENT, OPEN_TO_SCRIPTS, PACKAGES } from "./floors.ts";
import type { Fault, Repository } from "./repository.ts";
import { type Import, sources } from "./source.ts";

/** Every import of every source stays within the rules of the house. */
export function checkImports(repository: Repository): Fault[] {
  return sources(repository).flatMap((source) =>
    source.imports.flatMap((one) => {
      const message =
        one.target === null
          ? judgePackage(source.path, one.specifier)
          : judgeFile(source.path, one, one.target, repository);
      return message === null ? [] : [{ file: source.path, line: one.line, message }];
    }),
  );
}

function roomOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}

/** `bytes` of `protocol/bytes/json.ts`, `limits.ts` of `protocol/limits.ts`. */
function unitOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function isInside(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

/** Who stands in a folder sees all its files; who stands in the folder around it sees its door. */
function isOpen(path: string, target: string): boolean {
  const folder = folderOf(target);
  return isInside(path, folder) || (target === `${folder}/index.ts` && isInside(path, folderOf(folder)));
}

function judgeFile(path: string, one: Import, target: string, repository: Repository): string | null {
  if (!repository.has(target)) return `imports ${target}, which is not there`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from !== to && !MAY_ENTER[from]?.includes(to)) return `${from} does not import ${to}`;
  if (from === "test" || to === "test") return null;
  if (from === "scripts" && (to === "scripts" || OPEN_TO_SCRIPTS.includes(target))) return null;
  if (from === "client" && to === "node") {
    if (!NODE_FROM_CLIENT.includes(path))
      return `client reaches node only in ${NODE_FROM_CLIENT.join(" and ")}`;
    if (one.kind === "static") return "client reaches node only by await import";
  }
  if (!isOpen(path, target)) return `imports ${target}: only a folder's own files see past its index.ts`;
  return from === to && unitOf(path) !== unitOf(target)
    ? judgeFloors(from, unitOf(path), unitOf(target))
    : null;
}

function judgeFloors(room: string, unit: string, other: string): string | null {
  const floorOf = (name: string): number => (FLOORS[room] ?? []).findIndex((names) => names.includes(name));
  for (const name of [unit, other]) {
    if (floorOf(name) === -1) return `${room}/${name} has no floor: give it one in scripts/tidy/floors.ts`;
  }
  if (floorOf(other) < floorOf(unit)) return null;
  return `${unit} (floor ${floorOf(unit)}) imports ${other} (floor ${floorOf(other)}): only lower floors`;
}

function judgePackage(path: string, specifier: string): string | null {
  const room = roomOf(path);
  if (FLOORS[room] === undefined) return null;
  if (specifier.startsWith("node:")) {
    const allowed = room !== "protocol" || path === "protocol/crypto/native.ts";
    return allowed ? null : `${specifier}: in protocol only crypto/native.ts imports Node's modules`;
  }
  const name = Object.keys(PACKAGES).find((known) => `${specifier}/`.startsWith(withSlash(known)));
  if (name === undefined) return `${specifier} has no place: give it one in scripts/tidy/floors.ts`;
  const places = PACKAGES[name] ?? [];
  const allowed = places.some((place) => path === place || (place.endsWith("/") && path.startsWith(place)));
  return allowed ? null : `${name} is for ${places.join(", ")} only`;
}

function withSlash(name: string): string {
  return name.endsWith("/") ? name : `${name}/`;
}
