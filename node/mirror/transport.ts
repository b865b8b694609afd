import type { Clock, Transport, TransportListener } from "../edges.ts";
import { NodeError } from "../errors.ts";
import { MirrorAnswers } from "./answers.ts";
import { openMirror } from "./open.ts";

/** The name of a mirror where names of peers stand: no peer id begins like that. */
export function mirrorName(name: string): string {
  return `mirror:${name}`;
}

/** A mesh with mirrors in it: to the engine a mirror is a peer that holds one feed and says nothing by itself. */
export interface MirroredTransport extends Transport {
  /** Tells of the mirrors, as of peers that joined. */
  begin(listener: TransportListener): void;
  close(): void;
}

interface Mirror {
  readonly answers: MirrorAnswers;
  cancel: (() => void) | null;
}

/**
 * Opens mirrors, `https://HOST/PATH`, `http://…` or `file:DIR`, beside a mesh. A mirror that hands out what was never signed is left
 * alone for as long as a peer would be. Throws `config/bad-address`.
 */
export function withMirrors(mesh: Transport, names: readonly string[], clock: Clock): MirroredTransport {
  const mirrors = new Map(
    names.map((name): [string, Mirror] => [
      mirrorName(name),
      { answers: new MirrorAnswers(openMirror(name)), cancel: null },
    ]),
  );
  let told: TransportListener | null = null;
  return {
    self: mesh.self,
    gossip: (topic, bytes) => mesh.gossip(topic, bytes),
    lookup: (key, timeoutMs) => mesh.lookup(key, timeoutMs),
    region: (key, timeoutMs) => mesh.region(key, timeoutMs),
    near: (keys) => mesh.near(keys),
    recall: (key, timeoutMs) => mesh.recall(key, timeoutMs),
    announce: (key, value) => mesh.announce(key, value),
    provide: (key, timeoutMs) => mesh.provide(key, timeoutMs),
    providers: (key, timeoutMs) => mesh.providers(key, timeoutMs),
    call: (peer, timeoutMs) => mesh.call(peer, timeoutMs),
    async ask(to, stream, bytes, timeoutMs): Promise<Uint8Array> {
      const mirror = mirrors.get(to);
      if (mirror === undefined) return mesh.ask(to, stream, bytes, timeoutMs);
      if (stream !== "tiles")
        throw new NodeError("mesh/refused", `${to} holds files, and answers no ${stream}`);
      return mirror.answers.answer(bytes, AbortSignal.timeout(timeoutMs));
    },
    drop(peer, forMs): void {
      const mirror = mirrors.get(peer);
      if (mirror === undefined) {
        mesh.drop(peer, forMs);
        return;
      }
      told?.left(peer);
      mirror.cancel?.();
      mirror.cancel = clock.at(clock.now() + forMs, () => told?.joined(peer));
    },
    begin(listener): void {
      told = listener;
      for (const name of mirrors.keys()) listener.joined(name);
    },
    close(): void {
      told = null;
      for (const mirror of mirrors.values()) mirror.cancel?.();
    },
  };
}
