import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { readJson, record } from "../../protocol/index.ts";

/** Frames that the switch passed on, lost by lot, or did not pass on as the network was divided. */
export interface Counts {
  readonly passed: number;
  readonly lost: number;
  readonly cut: number;
}

/** Peers in network namespaces of their own, with a switch between them that delays, loses and divides. */
export interface DelayNet {
  /** What runs a program where peer `number` is, from 0 on. */
  under(number: number): readonly string[];
  /** Where others reach it: an address for libp2p. */
  address(number: number): string;
  /** Only those of one group reach each other. */
  cut(...groups: readonly (readonly number[])[]): Promise<Counts>;
  heal(): Promise<Counts>;
}

const MAX_LINE = 4_096;

/**
 * `delay-net.py` in a user namespace, where it needs no rights: what it makes goes with it. Resolves with the reason where the system does
 * not allow that, or lacks a program for it.
 */
export async function delayNet(
  peers: number,
  { delayMs, loss, seed }: { readonly delayMs: number; readonly loss: number; readonly seed: number },
): Promise<DelayNet | string> {
  const script = join(import.meta.dirname, "delay-net.py");
  const words = [peers, delayMs, loss, seed].map(String);
  const child = spawn("unshare", ["-Ur", "python3", script, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  after(() => child.kill());
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  // Not by `once`, which takes an error for its own.
  const first = await new Promise<string | null>((resolve) => {
    lines.once("line", resolve);
    child.once("exit", () => resolve(null));
    child.once("error", (error) => {
      said = error.message;
      resolve(null);
    });
  });
  if (first === null) return `no network of namespaces here: ${said.trim().split("\n").at(-1) ?? ""}`;
  const made = record(readJson(first, { maxBytes: MAX_LINE }), "switch");
  const pid = made.integer("pid", 1, 2 ** 31);
  const namespaces = made.list("namespaces", peers).map((item) => item.integer(0, 2 ** 16));
  const tell = async (command: string): Promise<Counts> => {
    child.stdin.write(`${command}\n`);
    const [line] = await once(lines, "line");
    const counts = record(readJson(String(line), { maxBytes: MAX_LINE }), "counts");
    const count = (name: string): number => counts.integer(name, 0, 2 ** 40);
    return { passed: count("passed"), lost: count("lost"), cut: count("cut") };
  };
  return {
    under: (number) => [
      "nsenter",
      "-t",
      String(pid),
      "-U",
      "--preserve-credentials",
      `--net=/proc/${pid}/fd/${namespaces[number]}`,
    ],
    address: (number) => `/ip4/10.77.0.${number + 1}/tcp/4001`,
    cut: (...groups) => tell(`cut ${groups.map((group) => group.map((one) => one + 1).join(",")).join("|")}`),
    heal: () => tell("heal"),
  };
}
