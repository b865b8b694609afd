/** A publisher in a process of its own, into whose system calls strace puts a fault; started again without, it has to keep its promises. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { record } from "../../protocol/index.ts";
import { builder, claim } from "../e2e/claims.ts";
import { startPeer } from "../e2e/processes.ts";
import type { PeerProcess } from "../e2e/processes.ts";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";

const alice = builder("alice");
/** A fault that has not come after so many publications does not come. */
const MOST = 24;

/** `fdatasync` and `signal=KILL`, at the n-th such call of one of the process's threads. */
export interface Injection {
  /** As strace names them: `fsync`, `/^rename`. */
  readonly calls: string;
  /** `signal=KILL`, `error=EIO`. */
  readonly what: string;
  readonly when: number;
}

/** Why nothing can be injected here; null where it can. */
export function withoutStrace(): string | null {
  const works = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
  return works ? null : "no strace here, or it may not trace (scripts/debian.sh installs it)";
}

/** One feed, whose publisher dies again and again. */
export class TracedPublisher {
  readonly #dataDir: string;
  readonly #acknowledged = new Map<string, number>();
  #next = 0;

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  static async begin(): Promise<TracedPublisher> {
    const begun = await startPeer({ publishKey: alice.pem, first: true });
    const publisher = new TracedPublisher(begun.dataDir);
    await publisher.#publish(begun);
    await begun.end("SIGTERM");
    return publisher;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Publishes with the fault on its way; whether it came. */
  async live({ calls, what, when }: Injection): Promise<boolean> {
    const inject = `inject=${calls}:${what}:when=${when}`;
    const under = ["strace", "-f", "-q", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", inject];
    // It may die, or be refused, before it is ready.
    const peer = await startPeer({ publishKey: alice.pem, dataDir: this.#dataDir, under }).catch(() => null);
    if (peer === null) return true;
    let came = false;
    for (let i = 0; i < MOST && !came; i++) came = !(await this.#publish(peer));
    const gone = once(peer.child, "close");
    peer.child.stdin?.end();
    if (peer.child.exitCode === null && peer.child.signalCode === null) await gone;
    return came;
  }

  /** Starts it without a fault: it publishes, what it exports is whole (`samebits feed check`), and all that was acknowledged is where it was said to be. */
  async check(): Promise<void> {
    const peer = await startPeer({ publishKey: alice.pem, dataDir: this.#dataDir });
    assert.ok(await this.#publish(peer), "it publishes again");
    const folder = join(await newFolder(), "feed");
    const common = ["--data", this.#dataDir, "--network", "e2e"];
    const exported = await runCommand(["feed", "export", folder, ...common, "--json"]);
    assert.equal(exported.code, 0, exported.err);
    const checked = await runCommand(["feed", "check", folder, "--json"]);
    assert.equal(checked.code, 0, checked.err);
    for (const [name, index] of this.#acknowledged) {
      const { body } = await peer.publish(claim(alice, name, "bits"));
      const entry = record(body, "answer").list("entries", 1)[0]?.record();
      assert.deepEqual([entry?.boolean("known"), entry?.integer("index", 0, 2 ** 40)], [true, index], name);
    }
    await peer.end("SIGTERM");
  }

  async #publish(peer: PeerProcess): Promise<boolean> {
    const name = `p${this.#next++}`;
    const answer = await peer.publish(claim(alice, name, "bits")).catch(() => null);
    if (answer?.status !== 200) return false;
    const entry = record(answer.body, "answer").list("entries", 1)[0]?.record();
    this.#acknowledged.set(name, entry?.integer("index", 0, 2 ** 40) ?? -1);
    return true;
  }
}
