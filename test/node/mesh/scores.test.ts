/** What gossip costs its sender, on real gossipsub: rejected messages much, everything else nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Libp2p } from "@libp2p/interface";
import { identify } from "@libp2p/identify";
import type { GossipSub } from "@libp2p/gossipsub";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { Judgement } from "../../../node/edges.ts";
import { gossipService, joinTopics, topicNames } from "../../../node/mesh/gossip.ts";
import { ed25519Key, MAX_GOSSIP_BYTES } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim, packageTarget } from "../../e2e/claims.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { startTestNode } from "../test-node.ts";
import { octets, until } from "./peers.ts";
import { plainHost } from "./plain-host.ts";

const TOPIC = topicNames("test").feeds;
const GRAYLISTED = -160;
const alice = builder("alice");

/** A libp2p host with our gossipsub and nothing else of ours: it calls whom it is told to, and judges as it is told to. */
class Gossiper {
  readonly heard: string[] = [];
  readonly hungUpOn: string[] = [];
  judgement: Judgement = "accept";
  readonly host: Libp2p<{ pubsub: GossipSub }>;

  private constructor(host: Libp2p<{ pubsub: GossipSub }>) {
    this.host = host;
    const heard = (bytes: Uint8Array): Judgement => {
      this.heard.push(Buffer.from(bytes).toString());
      return this.judgement;
    };
    joinTopics(
      host.services.pubsub,
      "test",
      {
        joined: () => {},
        left: () => {},
        gossip: async (_topic, _from, bytes) => heard(bytes),
        asked: () => Promise.reject(new Error("nothing is asked here")),
      },
      (peer) => this.hungUpOn.push(peer),
    );
  }

  static async start(...call: readonly string[]): Promise<Gossiper> {
    const host = await createLibp2p({
      ...plainHost(),
      addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
      services: { identify: identify(), pubsub: gossipService("test") },
    });
    atEnd(() => host.stop());
    for (const address of call) await host.dial(multiaddr(address));
    return new Gossiper(host);
  }

  get name(): string {
    return this.host.peerId.toString();
  }

  async publish(bytes: Uint8Array): Promise<void> {
    await this.host.services.pubsub.publish(TOPIC, bytes);
  }

  /** Resolves when it would send to that many peers. */
  async company(count: number): Promise<void> {
    await until("subscribers", () => this.host.services.pubsub.getSubscribers(TOPIC).length >= count);
  }

  scoreOf({ name }: { readonly name: string }): number {
    const { pubsub } = this.host.services;
    // The interface that gossipsub exports leaves out how a peer stands.
    return (pubsub as GossipSub & { getScore(peer: string): number }).getScore(name);
  }
}

const addressOf = ({ host }: Gossiper): string => String(host.getMultiaddrs()[0]);

async function pair(): Promise<{ sender: Gossiper; receiver: Gossiper }> {
  const receiver = await Gossiper.start();
  const sender = await Gossiper.start(addressOf(receiver));
  await sender.company(1);
  return { sender, receiver };
}

test("scores: what is rejected brings its sender below the gray line, and nothing of it is looked at any more", async () => {
  const { sender, receiver } = await pair();
  receiver.judgement = "reject";
  for (let i = 0; i < 4; i++) await sender.publish(octets(`bad ${i}`));
  await until("all four", () => receiver.heard.length === 4);
  // gossipsub keeps a score for a moment before it reckons again.
  await until("the gray line", () => receiver.scoreOf(sender) < GRAYLISTED);
  const before = receiver.heard.length;
  for (let i = 0; i < 10; i++) await sender.publish(octets(`more ${i}`));
  // Another one's still come: by then those of the gray one would have, too.
  const other = await Gossiper.start(addressOf(receiver));
  await other.company(1);
  await other.publish(octets("from another"));
  await until("the other's message", () => receiver.heard.includes("from another"));
  assert.equal(receiver.heard.length, before + 1);
});

test("scores: what is ignored, or comes twice, costs nothing", async () => {
  const { sender, receiver } = await pair();
  receiver.judgement = "ignore";
  for (let i = 0; i < 50; i++) await sender.publish(octets(`unwanted ${i}`));
  await until("all of them", () => receiver.heard.length === 50);
  // Longer than gossipsub keeps a score before it reckons again.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.ok(receiver.scoreOf(sender) >= 0, `${receiver.scoreOf(sender)}`);
  assert.deepEqual(receiver.hungUpOn, []);
});

test("scores: who sends a message that is longer than any is hung up on", async () => {
  const { sender, receiver } = await pair();
  await sender.publish(new Uint8Array(MAX_GOSSIP_BYTES + 1));
  await until("hung up on", () => receiver.hungUpOn.includes(sender.name));
  assert.deepEqual(receiver.heard, []);
  await until("its score", () => receiver.scoreOf(sender) < 0);
});

test("scores: who passes on what the rules allowed is not hung up on, whatever is in it", async () => {
  const follow = { all: true, origins: [], builders: [ed25519Key(alice.raw)] };
  const forwarder = await startTestNode({ follow, publishKey: alice.pem, first: true });
  const receiver = await startTestNode({ follow, bootstrap: forwarder.listen });
  const liar = await Gossiper.start(forwarder.listen[0] ?? "");
  await liar.company(1);
  await until("company", () => receiver.peers().some(({ peer }) => peer === forwarder.peerId));
  const target = packageNumber(1);
  const forged = new Builder(61).link(target, "forged");
  const broken = octets(new TextDecoder().decode(forged).replace(/"sig":"..../, '"sig":"AAAA'));
  const feeds = [
    // A leaf that is no attestation; one whose signature does not hold; two histories; more than anybody forwards.
    new MemoryFeed(60).append("no attestation at all"),
    new MemoryFeed(61).append(new Builder(61).link(target, "true"), broken),
    new MemoryFeed(62).append("one"),
    new MemoryFeed(62).append("another"),
    ...Array.from({ length: 80 }, (_, i) => new MemoryFeed(100 + i).append(`stranger ${i}`)),
  ];
  for (const feed of feeds) await liar.publish(feed.update(0));
  await until("the liar's feed at the receiver", async () => {
    return (await receiver.status()).feeds.some(
      ({ origin, held }) => origin === feeds[1]?.origin && held === 2,
    );
  });
  const [entry] = await forwarder.publish([claim(alice, "hello", "bits")]);
  assert.equal(entry?.known, false);
  const question = { targets: [packageTarget("hello").key], digests: [], builders: [alice.raw] };
  await until("the honest claim", async () => {
    return (await receiver.query(question, { network: false, deadlineMs: 5_000 })).found.length === 1;
  });
  for (const node of [forwarder, receiver]) {
    const rejected = [...(await node.status()).counters.keys()].filter((code) =>
      code.startsWith("gossip/reject"),
    );
    assert.deepEqual(rejected, []);
  }
  assert.ok(receiver.peers().some(({ peer }) => peer === forwarder.peerId));
  assert.ok(
    forwarder.peers().some(({ peer }) => peer === liar.name),
    "what it said was within the rules",
  );
});
