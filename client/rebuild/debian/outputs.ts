/** What a rebuild gave: each file is brought out of the room, and compared with what the archive has of that name. */
import { copyFile, rm } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import { fileDescriptor, isPrintable, MAX_BUILT_BYTES, sha256, toHex } from "../../../protocol/index.ts";
import type { CommandRun, Descriptor, Environment, Target } from "../../../protocol/index.ts";
import { hashFile, identify } from "../../artifact/index.ts";
import type { ListedPackage } from "../../install/index.ts";
import { ClientError } from "../../errors.ts";
import { writeWhole } from "../../write-file.ts";
import { isPackage, usualBuilder } from "./build.ts";
import type { Built } from "./build.ts";
import type { Cause } from "./cause.ts";
import { fetchDeb, yearOf } from "./deb.ts";
import { differenceOf } from "./difference.ts";
import { diffoscope } from "./diffoscope.ts";
import { assertOwn } from "./expected.ts";
import type { Expected } from "./expected.ts";
import type { Room } from "./room.ts";

/** One package that came out. */
export interface Output {
  readonly path: string;
  readonly target: Target;
  readonly sha256: Uint8Array;
  /** What it is compared with; null where nobody has such a file. */
  readonly expected: Expected | null;
  /** Bit for bit the same; null where there is nothing to compare with. */
  readonly same: boolean | null;
  readonly cause: Cause | null;
  /** diffoscope's report; null where it is not installed, or there is nothing to report. */
  readonly report: string | null;
  /** The .buildinfo of the run that gave it, as a material. */
  readonly buildinfo: Descriptor;
  readonly environment: Environment;
  /** The run that gave it. */
  readonly run: CommandRun;
}

export interface OutputOptions {
  readonly namespace: string;
  readonly folder: string;
  /** Name of the source. */
  readonly source: string;
  /** All binary packages of the archive. */
  readonly listed: readonly ListedPackage[];
  /** Packages that were installed in another version than where the build is repeated from. */
  readonly drifted: number;
}

/** All packages that the runs gave. Throws `rebuild/bad-build`, `input/too-big`, `artifact/…`, `output/…`. */
export async function outputsOf(
  room: Room,
  made: readonly Built[],
  expected: readonly Expected[],
  options: OutputOptions,
): Promise<readonly Output[]> {
  const outputs: Output[] = [];
  for (const built of made) {
    const record = join(options.folder, built.buildinfoFile);
    await writeWhole(record, built.buildinfoBytes, { replace: true });
    for (const { file, sha256: said } of built.buildinfo.files) {
      if (!isPackage(file)) continue;
      const path = join(options.folder, file);
      await rm(path, { force: true });
      await room.copyOut(join(built.folder, file), path, MAX_BUILT_BYTES);
      const { sha256: got } = await hashFile(path);
      if (toHex(got) !== toHex(said))
        throw new ClientError("artifact/mismatch", `${file}: the build's own .buildinfo lists another file`);
      outputs.push(await compared(room, built, path, got, expected, options));
    }
  }
  return outputs;
}

async function compared(
  room: Room,
  built: Built,
  path: string,
  got: Uint8Array,
  expected: readonly Expected[],
  options: OutputOptions,
): Promise<Output> {
  const { target } = await identify(path, { debNamespace: options.namespace });
  assertOwn(target, options.source, expected, options.listed);
  const twin = expected.find((one) => one.target.keyHex === target.keyHex) ?? null;
  const { buildinfo, buildinfoBytes, buildinfoFile } = built;
  const output = {
    path,
    target,
    sha256: got,
    expected: twin,
    buildinfo: fileDescriptor(buildinfoFile, sha256(buildinfoBytes)),
    environment: buildinfo.environment,
    run: built.run,
  };
  const same = twin === null ? null : toHex(twin.sha256) === toHex(got);
  if (twin === null || same !== false) return { ...output, same, cause: null, report: null };
  const theirs = `${path}.archive`;
  await bringTwin(room, twin, theirs);
  const cause = await causeIn(room, theirs, join(built.folder, basename(path)), options.drifted);
  return { ...output, same, cause, report: await diffoscope(theirs, path, `${path}.diffoscope.txt`) };
}

/** Where a room has what is compared with. */
const TWIN = "/tmp/twin.deb";

/** What it is compared with, in the room and beside it. */
async function bringTwin(room: Room, twin: Expected, to: string): Promise<void> {
  await rm(to, { force: true });
  if (twin.path !== null) {
    await copyFile(twin.path, to);
    await room.copyIn(createReadStream(to), TWIN);
  } else if (twin.listed !== null) {
    await fetchDeb(room, twin.listed, TWIN);
    await room.copyOut(TWIN, to, MAX_BUILT_BYTES);
  }
}

/** `ours`: in the room. */
async function causeIn(room: Room, theirs: string, ours: string, drifted: number): Promise<Cause> {
  const now = new Date();
  const years = [yearOf(theirs, now), now.getUTCFullYear()] as const;
  const cause = await differenceOf(room, TWIN, ours, usualBuilder(false), years);
  const detail = isPrintable(cause.detail) ? cause.detail : "files whose names can't be shown";
  if (drifted === 0 || cause.class !== "unknown cause") return { ...cause, detail };
  return {
    class: "toolchain drift",
    detail: `${drifted} packages of the build that is repeated were installed in other versions; ${detail}`,
  };
}
