import type { StreamMuxerFactory } from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";
import type { YamuxMuxerInit } from "@libp2p/yamux";
import { StreamState, YamuxStream } from "@libp2p/yamux/stream";

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
