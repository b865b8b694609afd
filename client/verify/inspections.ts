/** Inspections of layouts: commands that whoever wrote the layout wants to be run on the files that are judged. Nothing runs unless the user allows it. */
import { copyFileSync, chmodSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { MAX_INSPECTIONS_RUN, toHex } from "../../protocol/index.ts";
import type { Artifact, Artifacts, Inspect, Inspected, Inspection } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { undoAtEnd } from "../undo-at-end.ts";
import type { Examined } from "./examine.ts";
import { recordFolder } from "./recorded.ts";
import { runInside, runOutside } from "./run-inspection.ts";
import type { Ended } from "./run-inspection.ts";

/** `sandboxed`: in namespaces of their own, or not at all; `unsandboxed`: where these can't be made, as the user. */
export type InspectionMode = "sandboxed" | "unsandboxed";

/** How files are called where they are inspected. */
export function filesOf(artifacts: readonly Artifact[]): Artifacts {
  return new Map(
    artifacts.map((artifact) => [nameOf(artifact), new Map([["sha256", toHex(artifact.sha256)]])]),
  );
}

/** A folder with copies of the files, as the inspections so far have left it, and what came of them. */
interface Scene {
  readonly folder: string;
  readonly done: Map<string, Inspected>;
}

/** Runs inspections as judgements ask for them. What is run once is not run again. */
export class Inspecting {
  readonly #mode: InspectionMode | null;
  readonly #tell: (command: string) => void;
  readonly #scenes = new Map<string, Scene>();
  #wanted: Inspection | null = null;
  #runs = 0;
  /** To be called when there is nothing left to remove. */
  #removed: (() => void) | null = null;

  /** `mode` null: nothing is run. `tell` is called before each command. */
  constructor(mode: InspectionMode | null, tell: (command: string) => void = () => undefined) {
    this.#mode = mode;
    this.#tell = tell;
  }

  /** What came of the inspections of files that are judged together; what has not been run is noted. */
  of(scene: string): Inspect {
    return (inspection) => {
      const known = this.#scenes.get(scene)?.done.get(nameOfInspection(inspection));
      if (known !== undefined) return known;
      this.#wanted ??= inspection;
      return { ran: false, why: this.#mode === null ? NOT_ALLOWED : "it has not been run yet" };
    };
  }

  /** Judges once; where that asks for an inspection that has not been run, runs it. Whether it did: then it is to be judged again. */
  async run(scene: string, files: readonly Examined[], judge: () => unknown): Promise<boolean> {
    if (this.#mode === null) return false;
    this.#wanted = null;
    judge();
    const inspection = this.#take();
    if (inspection === null) return false;
    const { folder, done } = this.#scenes.get(scene) ?? this.#open(scene, files);
    done.set(nameOfInspection(inspection), await this.#inspect(inspection, folder, files));
    return true;
  }

  /** Removes what it made. */
  close(): void {
    this.#remove();
    this.#scenes.clear();
    this.#removed?.();
    this.#removed = null;
  }

  #remove(): void {
    // What has just been ended may still write into it.
    const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };
    for (const { folder } of this.#scenes.values()) rmSync(folder, options);
  }

  #take(): Inspection | null {
    const wanted = this.#wanted;
    this.#wanted = null;
    return wanted;
  }

  #open(name: string, files: readonly Examined[]): Scene {
    this.#removed ??= undoAtEnd(() => this.#remove());
    const folder = mkdtempSync(join(tmpdir(), "samebits-inspection-"));
    const scene = { folder, done: new Map<string, Inspected>() };
    this.#scenes.set(name, scene);
    for (const { path, artifact } of files) {
      if (path === null) continue;
      const copy = join(folder, basename(nameOf(artifact)));
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
      chmodSync(copy, 0o666); // whoever runs in there is nobody outside, and the folder is closed to others
    }
    return scene;
  }

  async #inspect(inspection: Inspection, folder: string, files: readonly Examined[]): Promise<Inspected> {
    const [program, ...args] = inspection.run;
    if (program === undefined) return { ran: false, why: "it names no command" };
    if (files.some(({ path }) => path === null))
      return { ran: false, why: "only the file's digest is here, and no file to look at" };
    if (++this.#runs > MAX_INSPECTIONS_RUN)
      return { ran: false, why: `at most ${MAX_INSPECTIONS_RUN} are run` };
    this.#tell(inspection.run.join(" "));
    try {
      const materials = await recordFolder(folder);
      const ended = await this.#start([program, ...args], folder);
      if (ended.why !== null) return { ran: false, failed: true, why: ended.why };
      return { ran: true, materials, products: await recordFolder(folder) };
    } catch (error) {
      if (error instanceof ClientError) return { ran: false, why: error.message };
      throw error;
    }
  }

  async #start(argv: readonly [string, ...string[]], folder: string): Promise<Ended> {
    try {
      return await runInside(argv, folder);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "rebuild/no-isolation") throw error;
      if (this.#mode === "unsandboxed") return runOutside(argv, folder);
      throw new ClientError(
        error.code,
        `no sandbox can be made here, so it was not run (${error.message}); --allow-inspections=unsandboxed runs it as you`,
        { cause: error },
      );
    }
  }
}

const NOT_ALLOWED = "it runs a command, which needs --allow-inspections";

/** As links name it: a package by its file name, whatever the copy at hand is called. */
function nameOf({ target, name }: Artifact): string {
  return target?.file ?? name;
}

function nameOfInspection({ name, run }: Inspection): string {
  return JSON.stringify([name, ...run]);
}
