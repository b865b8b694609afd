/**
 * The one error class of `node/` and the tables of its stable codes (`protocol/spec/errors.md` says more of each).
 * Foreign bytes never make one: what a peer sends is judged by `protocol/`.
 */
export type NodeCode =
  | "config/bad-address" // a multiaddr or host:port that cannot be read or is of no use here
  | "config/bad-network" // not a network name
  | "config/out-of-range" // a value, or two together, that no node can be started with
  | "data/unusable" // the data directory cannot be made, read or written
  | "data/no-room" // the disk of the data folder is full, or can have no more files
  | "data/bad-key" // a key file that is missing, unreadable, or not an Ed25519 private key
  | "store/locked" // another process has the store open: use its API
  | "store/format" // written by another version of samebits
  | "store/failed" // an I/O error of the store
  | "store/closed" // used after the node stopped: our bug
  | "own-head/changed" // the own-head file is not what the store last wrote: two writers of one feed
  | "own-head/begun" // --first for a feed that was begun here before
  | "own-head/frozen" // the feed could not be recovered, and was frozen
  | "own-head/failed" // the own-head file cannot be read or written
  | "check/failed" // the worker that checks signatures ended
  | "mesh/unreachable" // no connection to that peer, or its stream broke
  | "mesh/timeout" // that peer did not answer in time
  | "mesh/refused" // the peer refuses the question
  | "mesh/too-big" // a question or answer over MAX_STREAM_FRAME_BYTES
  | "node/busy" // more is waiting already than a node takes on: ask again later
  | "node/slow" // it takes longer to answer than a healthy node does
  | "node/feed-closed" // the own feed takes nothing
  | "node/closed" // the node is stopping
  | "node/no-engine"; // the engine failed on its own account: our bug

/** What the HTTP interface refuses on its own account; what it hands on of others keeps the code that it had. */
export type HttpCode =
  | "http/bad-request" // octets that make no request
  | "http/bad-query" // GET /v1/targets without anything to look for; a filter or page that is none
  | "http/body-too-big" // over MAX_HTTP_BODY_BYTES
  | "http/cross-site" // a page of another site asks (RULES R28)
  | "http/local-only" // a route that is served on this machine alone
  | "http/no-such-link" // rebuilderd's interface: nothing of that kind by this builder
  | "http/not-read-yet" // rebuilderd's interface: what the feeds hold is being read
  | "http/several-links" // apt-transport-in-toto asks without an architecture, and several fit
  | "http/no-such-feed" // no feed held here has an origin of that hash
  | "http/no-such-route" // a path, or a method, that is not known
  | "http/no-such-tile" // the feed held here is too small for it
  | "http/no-token" // what changes something needs the node's token
  | "http/too-many-queries" // MAX_HTTP_QUERIES are under way
  | "http/too-many-streams" // MAX_EVENT_STREAMS are open
  | "http/wrong-content-type" // not the one that the route takes
  | "http/wrong-host"; // a Host that is neither loopback nor configured

/** Thrown by everything in `node/`: `code` is stable, `message` says what, where and what to do. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeCode;

  constructor(code: NodeCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The engine does not do what it was asked: `code` is one of `protocol/`'s, and `message` says what to do. An answer to
 * who asked, not a fault of this node.
 */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The stable code of anything thrown: its own, or `fallback` for what is not ours. */
export function codeOf(error: unknown, fallback: NodeCode): string {
  return error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.includes("/")
    ? error.code
    : fallback;
}
