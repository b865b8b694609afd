/** Every network name in one place: origins, topics, stream protocols, DHT protocol (DESIGN 4.4, RULES R1). */

/** The DHT, the topics and the streams of one network; networks never mix. */
export interface NetworkNames {
  readonly feedsTopic: string;
  readonly evidenceTopic: string;
  readonly cosignaturesTopic: string;
  readonly domainsTopic: string;
  readonly tilesStream: string;
  readonly queryStream: string;
  readonly recordsStream: string;
  readonly dhtProtocol: string;
  /** Namespace of head records in the DHT: keys are `/<headNamespace>/<hex of origin hash><hex of witness key>`. */
  readonly headNamespace: string;
}

/** Names of one network, e.g. `main`. Pass a name that `isNetworkName` accepts. */
export function networkNames(network: string): NetworkNames {
  const base = `/samebits/${network}`;
  return Object.freeze({
    feedsTopic: `${base}/feeds/1`,
    evidenceTopic: `${base}/evidence/1`,
    cosignaturesTopic: `${base}/cosignatures/1`,
    domainsTopic: `${base}/domains/1`,
    tilesStream: `${base}/tiles/1`,
    queryStream: `${base}/query/1`,
    recordsStream: `${base}/records/1`,
    dhtProtocol: `${base}/kad/1`,
    headNamespace: `sbh-${network}`,
  });
}

/** 1 to 32 of a-z, 0-9 and `-`: a network name stands in origins, topics and paths. */
export function isNetworkName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(text);
}
