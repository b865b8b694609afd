/** A .deb of the archive, for a look at how it was built. */
import { closeSync, openSync, readSync } from "node:fs";
import type { ListedPackage } from "../../install/index.ts";
import type { Room } from "./room.ts";

const FOLDER = "/tmp/fetched";
/** Where the header of the first member of an ar archive has its time: twelve characters, decimal seconds since 1970 (ar(5)). */
const TIME_AT = 8 + 16;
const TIME_CHARS = 12;

/** Has apt fetch a binary of the archive, checked by its signed lists, to a path in the room. Throws `rebuild/bad-build`. */
export async function fetchDeb(
  room: Room,
  { name, version, architecture }: ListedPackage,
  to: string,
): Promise<void> {
  const fetch =
    'rm -rf "$1" && mkdir "$1" && cd "$1" && apt-get -o APT::Sandbox::User=root download "$2" && mv -- *.deb "$3"';
  const spec = `${name}:${architecture}=${version}`;
  await room.must({ argv: ["sh", "-c", fetch, "sh", FOLDER, spec, to], network: true });
}

/** The year of a .deb: dpkg-deb gives its members the time of the newest entry of the changelog. The present one where it can't be read. */
export function yearOf(path: string, now: Date): number {
  const bytes = new Uint8Array(TIME_CHARS);
  const file = openSync(path, "r");
  try {
    readSync(file, bytes, 0, TIME_CHARS, TIME_AT);
  } finally {
    closeSync(file);
  }
  const seconds = /^([0-9]{1,11}) *$/.exec(new TextDecoder("latin1").decode(bytes))?.[1];
  return (seconds === undefined ? now : new Date(Number(seconds) * 1000)).getUTCFullYear();
}
