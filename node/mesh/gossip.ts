import { TopicValidatorResult, gossipsub } from "@libp2p/gossipsub";
import type { GossipSub, GossipsubMessage, GossipsubOpts } from "@libp2p/gossipsub";
import {
  MAX_FORWARD_DELAY_MS,
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_RPC_BYTES,
  MAX_WRITE_BUFFER_BYTES,
  networkNames,
  sha256,
} from "../../protocol/index.ts";
import type { Topic } from "../../protocol/index.ts";
import type { TransportListener } from "../edges.ts";
import type { Log } from "../log.ts";

const TOPICS: readonly Topic[] = ["feeds", "evidence", "cosignatures", "domains"];

/** How a topic is named on the wire. */
export function topicNames(network: string): Readonly<Record<Topic, string>> {
  const names = networkNames(network);
  return {
    feeds: names.feedsTopic,
    evidence: names.evidenceTopic,
    cosignatures: names.cosignaturesTopic,
    domains: names.domainsTopic,
  };
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
    asyncValidation: true,
    fallbackToFloodsub: false,
    // A publisher with a hundred neighbours sends a handful of copies, like everybody else; heads are exchanged
    // anyway (I2), so that what a thin mesh loses comes late, and nothing is lost for good.
    floodPublish: false,
    D: 4,
    Dlo: 3,
    Dhi: 6,
    Dlazy: 4,
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

/**
 * Asks the listener what to do with each message; joins the topics. What is accepted is passed on a little later, at a
 * moment of this peer's own: by then some neighbours have sent it here, and these need no copy. Without that every link
 * of the gossip mesh carries every message in both directions. `blame` is told who sent what is longer than any message.
 */
export function joinTopics(
  pubsub: GossipSub,
  network: string,
  listener: TransportListener,
  blame: (peer: string, why: string) => void,
): void {
  const names = topicNames(network);
  const topics = new Map(TOPICS.map((topic) => [names[topic], topic]));
  for (const name of topics.keys()) {
    pubsub.topicValidators.set(name, (from, { data }) => {
      if (data.length <= MAX_GOSSIP_BYTES) return RESULT.accept;
      blame(from.toString(), `a message of ${data.length} octets on ${name}`);
      return RESULT.reject;
    });
    pubsub.subscribe(name);
  }
  pubsub.addEventListener("gossipsub:message", ({ detail }) => {
    const topic = topics.get(detail.msg.topic);
    if (topic !== undefined) void judge(pubsub as Validating, topic, detail, listener);
  });
}

/** The interface that gossipsub exports leaves out how a verdict is handed in. */
type Validating = GossipSub & {
  reportMessageValidationResult(id: string, from: string, verdict: TopicValidatorResult): void;
};

async function judge(
  pubsub: Validating,
  topic: Topic,
  { msgId, propagationSource, msg }: GossipsubMessage,
  listener: TransportListener,
): Promise<void> {
  const from = propagationSource.toString();
  const judgement = await listener.gossip(topic, from, new Uint8Array(msg.data));
  const report = (): void => pubsub.reportMessageValidationResult(msgId, from, RESULT[judgement]);
  if (judgement === "accept") setTimeout(report, Math.random() * MAX_FORWARD_DELAY_MS).unref();
  else report();
}

/** Sends to everybody that we are connected with; nobody there is no error. */
export function publish(pubsub: GossipSub, network: string, topic: Topic, bytes: Uint8Array, log: Log): void {
  pubsub.publish(topicNames(network)[topic], bytes).catch((error: unknown) => {
    log.debug({ event: "gossip-failed", topic, error: String(error) }, "could not gossip");
  });
}
