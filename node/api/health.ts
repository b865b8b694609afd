import { HEALTH_ANSWER_MS, ROOM_BYTES } from "../../protocol/index.ts";
import type { StatusResult } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { ApiNode } from "./api-node.ts";

/** States in which the own feed takes nothing although its key was not ended. */
const CLOSED: ReadonlySet<string> = new Set(["not-begun", "unconfirmed", "lost", "forked"]);

/** Whether the process answers at all: a node that does not is to be started anew. Rejects with `node/slow`, or what the engine says. */
export async function assertAlive(node: Pick<ApiNode, "status">): Promise<StatusResult> {
  const asked = performance.now();
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), HEALTH_ANSWER_MS);
  try {
    const status = await Promise.race([node.status(), late.promise]);
    // The event loop may have been held up as well as the engine: then the timer is late, too.
    if (status !== null && performance.now() - asked < HEALTH_ANSWER_MS) return status;
  } finally {
    clearTimeout(timer);
  }
  throw new NodeError(
    "node/slow",
    `the node takes more than ${HEALTH_ANSWER_MS} ms to answer: the machine is too busy, or too small for what it follows`,
  );
}

/**
 * Whether it can do all of its work: its data can be read and written, the disk has room, and its feed takes what is published. Rejects with what
 * is not so.
 */
export async function assertReady(node: Pick<ApiNode, "status" | "trouble" | "disk">): Promise<void> {
  const { own } = await assertAlive(node);
  const trouble = node.trouble();
  if (trouble !== null) throw trouble;
  const disk = await node.disk();
  if (disk !== null && (disk.free < ROOM_BYTES || disk.files === 0))
    throw new NodeError(
      "data/no-room",
      disk.files === 0
        ? "no file can be made on the disk of the data folder any more: remove files there"
        : `only ${disk.free} octets are free on the disk of the data folder: make room`,
    );
  if (own !== null && CLOSED.has(own.state))
    throw new NodeError(
      "node/feed-closed",
      `the own feed is ${own.state}, nothing can be published: ${own.reason ?? "see samebits doctor"}`,
    );
}
