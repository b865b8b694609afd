/** Command lines run in this process: what they print, held against its schemas, and the status that they end with. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { run } from "../../../client/cli/main.ts";
import { SINGLE, SINGLE_NODE } from "../../built.ts";
import { assertPrinted } from "../../json-schemas.ts";
import type { Ended } from "../../json-schemas.ts";
import { newFolder } from "../../node/folder.ts";

export interface Ran extends Ended {
  /** The JSON objects on stdout, one a line. */
  readonly objects: readonly Record<string, unknown>[];
}

/** Runs a command line with a home of its own: no configuration, no data, no node of this machine gets in. */
export async function runCommand(argv: readonly string[], home?: string): Promise<Ran> {
  const folder = home ?? (await newFolder());
  const texts = { out: "", err: "" };
  const release = [
    setVariable("XDG_CONFIG_HOME", join(folder, "config")),
    setVariable("XDG_DATA_HOME", join(folder, "data")),
    capture(process.stdout, (text) => (texts.out += text)),
    capture(process.stderr, (text) => (texts.err += text)),
  ];
  let ended: Ended;
  try {
    ended = (await runSingle(argv)) ?? { code: await run(argv), ...texts };
  } finally {
    for (const undo of release) undo();
    process.exitCode = undefined;
  }
  assertPrinted(argv, ended);
  return { ...ended, objects: objectsOf(ended.out) };
}

/** `verify` by the single file, where that is what is tested; else null. */
async function runSingle(argv: readonly string[]): Promise<Ended | null> {
  const file = process.env[SINGLE];
  if (file === undefined || argv[0] !== "verify") return null;
  const program = process.env[SINGLE_NODE] ?? process.execPath;
  const child = spawn(program, [file, ...argv.slice(1)], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close") as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: code ?? -1, out, err };
}

/** Sets a variable of the environment; returns how to make it what it was. */
export function setVariable(name: string, value: string): () => void {
  const before = process.env[name];
  process.env[name] = value;
  return () => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  };
}

/** Commands write text; what the test runner writes in between are octets, and go through. */
function capture(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (typeof chunk !== "string") return Reflect.apply(write, stream, [chunk, ...rest]);
    take(chunk);
    return true;
  };
  return () => {
    stream.write = write;
  };
}

function objectsOf(out: string): Record<string, unknown>[] {
  return out
    .split("\n")
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
