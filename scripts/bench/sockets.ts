/** What a process sends and receives over TCP, as the kernel counts it (`ss`, of Debian's iproute2). */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const LISTED_BYTES = 2 ** 24;

/** Octets of payload since the first look; connections that came and went between two looks are missed. */
export class Sockets {
  readonly #pid: number;
  /** By addresses: octets at the first look and at the last. */
  readonly #connections = new Map<string, { readonly first: number; last: number }>();
  #looks = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Rejects where there is no `ss`. */
  async look(): Promise<void> {
    const { stdout } = await run("ss", ["-tinpH", "state", "established"], { maxBuffer: LISTED_BYTES });
    const lines = stdout.split("\n");
    for (const [i, line] of lines.entries()) {
      if (!line.includes(`pid=${this.#pid},`)) continue;
      const name = /(\S+:\d+)\s+(\S+:\d+)/.exec(line)?.[0] ?? "";
      const octets = countOf(lines[i + 1], "bytes_sent") + countOf(lines[i + 1], "bytes_received");
      const known = this.#connections.get(name);
      if (known === undefined)
        this.#connections.set(name, { first: this.#looks === 0 ? octets : 0, last: octets });
      else known.last = octets;
    }
    this.#looks++;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get octets(): number {
    let sum = 0;
    for (const { first, last } of this.#connections.values()) sum += last - first;
    return sum;
  }
}

function countOf(line: string | undefined, name: string): number {
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(line ?? "")?.[1] ?? 0);
}
