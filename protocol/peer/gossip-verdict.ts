/** The one verdict that ends a gossiped message, of whatever topic (RULES R6, R7). */
import { ProtocolError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { PeerName, Ticket } from "./types.ts";

/** `code` says why, where the message is not forwarded. */
export function answerGossip(
  { counters, turn }: Context,
  ticket: Ticket,
  verdict: "accept" | "ignore" | "reject",
  code: string | null,
): void {
  counters.add(code === null ? `gossip/${verdict}` : `gossip/${verdict} ${code}`);
  turn.emit({ kind: "verdict", ticket, verdict, code });
}

/** What `read` makes of the message; null = the octets alone show it to be wrong, and it is rejected. */
export function readOrReject<T>(ctx: Context, from: PeerName, ticket: Ticket, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    rejectGossip(ctx, error, from, ticket);
    return null;
  }
}

/** Rejects what the octets alone show to be wrong, and hangs up on whoever sent it. Throws what is no such fault. */
export function rejectGossip(ctx: Context, error: unknown, from: PeerName, ticket: Ticket): void {
  if (!(error instanceof ProtocolError)) throw error;
  answerGossip(ctx, ticket, "reject", error.code);
  ctx.peers.drop(from, error.code);
}
