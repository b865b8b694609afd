import type { Stream, StreamMuxerFactory } from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";
import type { YamuxMuxerInit } from "@libp2p/yamux";
import { StreamState, YamuxStream } from "@libp2p/yamux/stream";
import { MAX_STREAM_WINDOW_BYTES, STREAM_WINDOW_MS } from "../../protocol/index.ts";

/**
 * yamux that gives window back once half of it is used, as its specification allows and hashicorp/yamux does.
 * `@libp2p/yamux` 8 does it after every data frame: a second frame to encrypt, write, read and decrypt for each small
 * message, which is most of what gossip costs.
 */
export function thriftyYamux(init: YamuxMuxerInit): () => StreamMuxerFactory {
  saveWindowUpdates();
  return yamux(init);
}

// oxlint-disable-next-line typescript/unbound-method -- called with its stream, below
const everyUpdate = YamuxStream.prototype.sendWindowUpdate;

/** Its streams are made inside the muxer, so that their class is the only place to say it; saying it twice changes nothing. */
function saveWindowUpdates(): void {
  YamuxStream.prototype.sendWindowUpdate = function (this: YamuxStream): void {
    // A stream that is being opened sends its flags with an update, whatever the window.
    if (this.state !== StreamState.Established || this["recvWindowCapacity"] < this["recvWindow"] / 2) {
      everyUpdate.call(this);
    }
  };
}

/**
 * Widens the window of a stream on which so many octets came within `ms`, to what comes in STREAM_WINDOW_MS, so that who answers does not wait for
 * word of us. `@libp2p/yamux` widens it by itself where it knows the round trip time, which it measures with pings that are left to the connection monitor.
 */
export function widen(stream: Stream, octets: number, ms: number): void {
  const window = Math.min(MAX_STREAM_WINDOW_BYTES, Math.floor((octets * STREAM_WINDOW_MS) / Math.max(1, ms)));
  if (!(stream instanceof YamuxStream) || stream.status !== "open" || stream["recvWindow"] >= window) return;
  stream["recvWindow"] = window;
  everyUpdate.call(stream);
}
