/** Peers that do not say at once who they are, as on a machine that has too much to do. */
import { after, test } from "node:test";
import { identify } from "@libp2p/identify";
import type { StreamHandler } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { networkNames } from "../../../protocol/index.ts";
import { startPeer, until } from "./peers.ts";
import { plainHost } from "./plain-host.ts";

const IDENTIFY = "/ipfs/id/1.0.0";

interface Components {
  readonly registrar: { getHandler(protocol: string): { handler: StreamHandler } };
}

test("identify: a peer that did not answer the first time is asked again, and joins", async () => {
  const host = await createLibp2p({
    ...plainHost(),
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    services: { identify: identify(), registrar: ({ registrar }: Components) => registrar },
  });
  after(() => host.stop());
  await host.handle(networkNames("test").tilesStream, (stream) => void stream.close());
  let asked = 0;
  const { handler: answer } = host.services.registrar.getHandler(IDENTIFY);
  await host.handle(
    IDENTIFY,
    async (stream, connection) => {
      asked++;
      if (asked === 1) stream.abort(new Error("too busy"));
      else await answer(stream, connection);
    },
    { force: true },
  );
  const peer = await startPeer([]);
  await host.dial(multiaddr(peer.mesh.addresses()[0] ?? ""));
  await until("joined", () => peer.joined.has(host.peerId.toString()));
});
