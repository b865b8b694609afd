/** How a tar archive is packed, by the ending of its name. */
export type Packing = "none" | "gz" | "xz" | "zst";

const PACMAN: readonly (readonly [string, Packing])[] = [
  [".pkg.tar.zst", "zst"],
  [".pkg.tar.xz", "xz"],
  [".pkg.tar.gz", "gz"],
  [".pkg.tar", "none"],
];

/** The packing that a pacman package's file name tells, or null when it is none. */
export function pacmanPacking(fileName: string): Packing | null {
  return PACMAN.find(([ending]) => fileName.endsWith(ending))?.[1] ?? null;
}
