/** Peers that keep no rule: what they send costs a node a bounded share of what it has, and honest peers go on (I9). */
import assert from "node:assert/strict";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { before, test } from "node:test";
import type { Connection } from "@libp2p/interface";
import {
  MAX_CALLS_OF_PEER,
  MAX_CONNECTIONS,
  MAX_HALF_READ_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_STREAM_BYTES,
  networkNames,
  record,
} from "../../protocol/index.ts";
import { held, until } from "./asking.ts";
import { attackerOf, halfFrame, send, usage } from "./attacker.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 180_000 };
const names = networkNames("e2e");
const alice = builder("alice");
const ENDLESS = new Uint8Array(600_000).fill(0x80);
let publisher: PeerProcess;
let victim: PeerProcess;
let published = 0;

before(async () => {
  publisher = await startPeer({ shared: true, publishKey: alice.pem, first: true });
  victim = await startPeer({
    shared: true,
    listen: ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"],
    bootstrap: publisher.listen,
    followOrigins: [publisher.origin],
    followBuilders: [alice.hex],
  });
  await honestGoOn();
});

/** What the honest publisher says now arrives. */
async function honestGoOn(): Promise<void> {
  const name = `honest-${published++}`;
  assert.equal((await publisher.publish(claim(alice, name, "bits"))).status, 200);
  await until(name, async () => (await held(victim, alice, name)) === 1);
}

function portOf(kind: "tcp" | "ws"): number {
  const address = victim.listen.find((text) => text.includes("/ws/") === (kind === "ws"));
  return Number(/\/tcp\/([0-9]+)/.exec(address ?? "")?.[1]);
}

function socketTo(kind: "tcp" | "ws", bytes: Uint8Array | string = ""): Socket {
  const socket = connect(portOf(kind), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(bytes);
  return socket.resume();
}

/** Whether the victim still has this connection, from the attacker's side. */
const isUp = (connection: Connection): boolean => connection.status === "open";

test("lengths that never end are refused at once, wherever one is read", LIMIT, async () => {
  const before = await usage(victim);
  const attacker = await attackerOf(victim);
  for (const prefix of ["", "\x13/multistream/1.0.0\n", "\x13/multistream/1.0.0\n\x0d/yamux/1.0.0\n"]) {
    const bare = socketTo("tcp", Buffer.concat([Buffer.from(prefix), ENDLESS]));
    await until("the end of the socket", async () => bare.destroyed);
  }
  const protocols = [names.tilesStream, names.queryStream, names.recordsStream, names.dhtProtocol];
  for (const protocol of [...protocols, "/meshsub/1.1.0", "/ipfs/id/1.0.0"]) {
    const connection = await attacker.call();
    const stream = await attacker.open(connection, protocol);
    if (stream !== null) assert.equal(await send(stream, ENDLESS), "refused", protocol);
    connection.abort(new Error("said all"));
  }
  const { cpu } = await usage(victim);
  // Read octet by octet, one alone takes forty seconds; on a busy machine all this takes ten.
  assert.ok(cpu - before.cpu < 25, `${cpu - before.cpu} s of processor`);
  await honestGoOn();
});

test(
  "sockets on which nobody says anything, or half of it, are let go, and take only so many handles",
  LIMIT,
  async () => {
    const { handles } = await usage(victim);
    const half = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n";
    for (const [kind, text] of [
      ["tcp", ""],
      ["tcp", "\x13/multistream/1.0.0\n"],
      ["ws", ""],
      ["ws", half],
    ] as const) {
      const sockets = Array.from({ length: 600 }, () => socketTo(kind, text));
      let most = 0;
      // By its own handles: connections that wait for it in vain in the system's queue look open from here.
      await until("they are let go", async () => {
        const now = (await usage(victim)).handles - handles;
        most = Math.max(most, now);
        return most > 20 && now <= 5;
      });
      assert.ok(most <= MAX_CONNECTIONS + 20, `${most} handles`);
      for (const socket of sockets) socket.destroy();
      await honestGoOn();
    }
    for (const kind of ["tcp", "ws"] as const) {
      const address = victim.listen.filter((text) => text.includes("/ws/") === (kind === "ws"));
      const honest = await startPeer({ listen: [], bootstrap: address });
      await until(`a call by ${kind}`, async () => {
        const { body } = await honest.get("/v1/peers");
        return record(body, "peers")
          .list("peers", 99)
          .some((item) => item.record().string("peer") === victim.peer);
      });
      assert.equal(await honest.end("SIGTERM"), 0);
    }
  },
);

test("one peer has only so many connections and streams", LIMIT, async () => {
  const attacker = await attackerOf(victim);
  const connections: Connection[] = [];
  for (let i = 0; i < 20; i++) {
    const connection = await attacker.call().catch(() => null);
    if (connection !== null) connections.push(connection);
  }
  await until("the rest is hung up on", async () => connections.filter(isUp).length <= MAX_CALLS_OF_PEER);
  const connection = connections.find(isUp) ?? assert.fail("none is left");
  for (const [kind, protocol] of [
    ["tiles", names.tilesStream],
    ["query", names.queryStream],
    ["records", names.recordsStream],
  ] as const) {
    const streams = await Promise.all(Array.from({ length: 40 }, () => attacker.open(connection, protocol)));
    await until(`${kind} streams`, async () => {
      const open = streams.filter(
        (stream) => stream?.status === "open" && stream.remoteWriteStatus === "writable",
      );
      return open.length <= MAX_INBOUND_STREAMS[kind];
    });
    for (const stream of streams) stream?.abort(new Error("enough"));
  }
  await honestGoOn();
  await attacker.host.stop();
});

test(
  "halves of questions take only so much memory, and honest ones are answered meanwhile",
  LIMIT,
  async () => {
    const before = await usage(victim);
    const attackers = await Promise.all(Array.from({ length: 40 }, () => attackerOf(victim)));
    for (const attacker of attackers) {
      const connection = await attacker.call();
      await until("the connection", async () => isUp(connection));
      for (const [protocol, count, octets] of [
        [names.recordsStream, 2, MAX_STREAM_BYTES],
        [names.queryStream, 4, 256 * 1024],
        [names.dhtProtocol, 4, 4 * 1024 * 1024],
      ] as const) {
        for (let i = 0; i < count; i++) {
          const stream = await attacker.open(connection, protocol);
          if (stream !== null) void send(stream, halfFrame(octets));
        }
      }
    }
    // 80 MB of records and 320 MB of Kademlia would have been taken in.
    let most = 0;
    for (let i = 0; i < 10; i++) {
      most = Math.max(most, (await usage(victim)).rss);
      await honestGoOn();
    }
    const room = 6 * (MAX_HALF_READ_BYTES / 2 ** 20);
    assert.ok(most - before.rss < room, `${most - before.rss} MB more`);
    await Promise.all(attackers.map(async ({ host }) => host.stop()));
  },
);

test(
  "a frame over its bound, and a frame of junk, cost their sender the connection, for a while",
  LIMIT,
  async () => {
    const junk = new Uint8Array(1_000).fill(7);
    for (const protocol of [names.tilesStream, names.queryStream, names.recordsStream]) {
      for (const frame of [halfFrame(2 * MAX_STREAM_BYTES), Uint8Array.from([0xe8, 0x07, ...junk])]) {
        const attacker = await attackerOf(victim);
        const connection = await attacker.call();
        const stream = (await attacker.open(connection, protocol)) ?? assert.fail(protocol);
        await send(stream, frame);
        await until(`hung up on for ${protocol}`, async () => !isUp(connection));
        // The handshake may still be done before the victim says no.
        const again = await attacker.call().catch(() => null);
        if (again !== null) await until("hung up on again", async () => !isUp(again));
        await attacker.host.stop();
      }
    }
    await honestGoOn();
  },
);

test("nothing of all this was a fault of the node's own, and it ends well", LIMIT, async () => {
  const { body } = await victim.get("/v1/status");
  const counters = record(body, "status").member("counters").record();
  assert.equal(counters.optional("internal/impossible"), undefined);
  assert.equal(await victim.end("SIGTERM"), 0);
});
