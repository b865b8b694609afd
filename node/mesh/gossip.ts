import { TopicValidatorResult, gossipsub } from "@libp2p/gossipsub";
import type { GossipSub, GossipsubOpts } from "@libp2p/gossipsub";
import {
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_RPC_BYTES,
  MAX_WRITE_BUFFER_BYTES,
  networkNames,
  sha256,
} from "../../protocol/index.ts";
import type { Topic } from "../../protocol/index.ts";
import type { TransportListener } from "../edges.ts";
import type { Log } from "../log.ts";

const TOPICS: readonly Topic[] = ["feeds", "evidence", "cosignatures"];

/** How a topic is named on the wire. */
export function topicNames(network: string): Readonly<Record<Topic, string>> {
  const names = networkNames(network);
  return { feeds: names.feedsTopic, evidence: names.evidenceTopic, cosignatures: names.cosignaturesTopic };
}

/**
 * gossipsub for one network. Messages carry no libp2p signature, since ours sign themselves, and are named by their
 * content. Only what is rejected costs its sender: topics that are quiet, peers behind one address and slow meshes are
 * nobody's fault.
 */
export function gossipService(network: string): ReturnType<typeof gossipsub> {
  const topics = Object.values(topicNames(network));
  const opts: Partial<GossipsubOpts> = {
    globalSignaturePolicy: "StrictNoSign",
    fallbackToFloodsub: false,
    // Publishers send to all their neighbours at once: a denser mesh would mostly carry copies.
    D: 5,
    Dlo: 4,
    Dhi: 8,
    batchPublish: true,
    doPX: false,
    allowedTopics: topics,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    msgIdFn: (message) => sha256(message.data).subarray(0, 20),
    idontwantMinDataSize: MAX_GOSSIP_BYTES,
    maxInboundDataLength: MAX_GOSSIP_RPC_BYTES,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    maxTopicBytesPerPeer: 16 * 1024,
    maxOutboundBufferSize: MAX_WRITE_BUFFER_BYTES,
    decodeRpcLimits: {
      maxSubscriptions: 32,
      maxMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 1_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 64,
      maxPeerInfos: 0,
    },
    scoreParams: {
      IPColocationFactorWhitelist: new Set(["127.0.0.1", "::1"]),
      IPColocationFactorThreshold: 10,
      topics: Object.fromEntries(topics.map((topic) => [topic, topicScore])),
    },
    scoreThresholds: {
      gossipThreshold: -40,
      publishThreshold: -80,
      graylistThreshold: -160,
      acceptPXThreshold: 100,
      opportunisticGraftThreshold: 1,
    },
  };
  return gossipsub(opts);
}

const topicScore = {
  topicWeight: 1,
  timeInMeshWeight: 0.002,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 3_600,
  firstMessageDeliveriesWeight: 0.05,
  firstMessageDeliveriesDecay: 0.99,
  firstMessageDeliveriesCap: 200,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 20,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.995,
};

const RESULT = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

/** Asks the listener what to do with each message; joins the topics. */
export function joinTopics(pubsub: GossipSub, network: string, listener: TransportListener): void {
  const names = topicNames(network);
  for (const topic of TOPICS) {
    pubsub.topicValidators.set(names[topic], async (peer, message) => {
      if (message.data.length > MAX_GOSSIP_BYTES) return TopicValidatorResult.Reject;
      return RESULT[await listener.gossip(topic, peer.toString(), new Uint8Array(message.data))];
    });
    pubsub.subscribe(names[topic]);
  }
}

/** Sends to everybody that we are connected with; nobody there is no error. */
export function publish(pubsub: GossipSub, network: string, topic: Topic, bytes: Uint8Array, log: Log): void {
  pubsub.publish(topicNames(network)[topic], bytes).catch((error: unknown) => {
    log.debug({ topic, error: String(error) }, "could not gossip");
  });
}
