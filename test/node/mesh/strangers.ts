/** Peers that want all of a victim's connections: plain libp2p, none of our rules. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Libp2p } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { networkNames } from "../../../protocol/index.ts";
import type { TestPeer } from "./peers.ts";
import { plainHost } from "./plain-host.ts";

/** Of one address of loopback, where a host has so many places and no more. */
const AT_ONE_ADDRESS = 50;
const AGAIN_MS = 50;

/** Strangers who call one peer. */
export class Crowd {
  readonly #hosts: readonly Libp2p[];
  readonly #run: Promise<unknown>;
  #over = false;

  private constructor(hosts: readonly Libp2p[], everyMs: number, one: (host: Libp2p) => Promise<unknown>) {
    this.#hosts = hosts;
    this.#run = Promise.all(hosts.map(async (host) => this.#again(host, everyMs, one)));
  }

  /** They hold each connection that they get, with a stream on it, and take every place that comes free. */
  static async staying(victim: TestPeer, count: number): Promise<Crowd> {
    return new Crowd(await hostsFor(count), AGAIN_MS, async (host) => {
      const connection = await call(host, victim);
      await connection.newStream(networkNames("test").tilesStream);
      const closed = Promise.withResolvers<void>();
      connection.addEventListener("close", () => closed.resolve(), { once: true });
      if (connection.status === "open") await closed.promise;
    });
  }

  /** They come and go, each every so many ms. */
  static async passing(victim: TestPeer, count: number, everyMs: number): Promise<Crowd> {
    return new Crowd(await hostsFor(count), everyMs, async (host) => {
      const connection = await call(host, victim);
      await connection.newStream(networkNames("test").tilesStream); // it is one to the victim too
      await connection.close();
    });
  }

  async leave(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#hosts.map(async (host) => host.stop()));
    await this.#run;
  }

  async #again(host: Libp2p, everyMs: number, one: (host: Libp2p) => Promise<unknown>): Promise<void> {
    while (!this.#over) {
      await one(host).catch(() => {});
      await sleep(everyMs);
    }
  }
}

async function call(host: Libp2p, victim: TestPeer): Promise<Connection> {
  return host.dial(multiaddr(victim.mesh.addresses()[0] ?? ""), { signal: AbortSignal.timeout(10_000) });
}

async function hostsFor(count: number): Promise<readonly Libp2p[]> {
  const hosts: Libp2p[] = [];
  for (let i = 0; i < count; i++) {
    const dialOpts = { noDelay: true, localAddress: `127.0.0.${2 + Math.floor(i / AT_ONE_ADDRESS)}` };
    hosts.push(await createLibp2p({ ...plainHost(), transports: [tcp({ dialOpts })] }));
  }
  return hosts;
}
