import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stream, StreamMuxer } from "@libp2p/interface";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { thriftyYamux } from "../../../node/mesh/muxer.ts";
import { octets, until } from "./peers.ts";

/** A stream from one end to the other, what came out there, and how many writes the other end made. */
async function line(): Promise<{ out: Stream; received: () => number; answers: () => number }> {
  const [outbound, inbound] = multiaddrConnectionPair();
  const muxer = (connection: typeof outbound): StreamMuxer =>
    thriftyYamux({ enableKeepAlive: false })().createStreamMuxer(connection);
  const there = muxer(inbound);
  let got = 0;
  let writes = 0;
  outbound.addEventListener("message", () => void writes++);
  there.addEventListener("stream", ({ detail }) => {
    detail.addEventListener("message", ({ data }) => void (got += data.byteLength));
  });
  const out = await muxer(outbound).createStream();
  return { out, received: () => got, answers: () => writes };
}

test("muxer: small messages are not answered one by one", async () => {
  const { out, received, answers } = await line();
  for (let i = 0; i < 100; i++) out.send(octets("hello"));
  await until("all messages", () => received() === 500);
  assert.ok(answers() <= 2, `${answers()} frames came back for 100 messages`);
});

test("muxer: more than a window goes through, back and forth", async () => {
  const { out, received } = await line();
  const megabytes = 8;
  for (let i = 0; i < megabytes; i++) {
    if (!out.send(new Uint8Array(1024 * 1024))) {
      await new Promise((resolve) => out.addEventListener("drain", resolve, { once: true }));
    }
  }
  await until("all octets", () => received() === megabytes * 1024 * 1024);
});
