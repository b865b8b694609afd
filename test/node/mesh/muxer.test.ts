import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stream, StreamMuxer } from "@libp2p/interface";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { thriftyYamux, widen } from "../../../node/mesh/muxer.ts";
import { MAX_STREAM_WINDOW_BYTES } from "../../../protocol/index.ts";
import { octets, until } from "./peers.ts";

/** A stream from one end to the other, its other end, what came out there, and how many writes that end made. */
async function line(): Promise<{
  out: Stream;
  other: () => Stream;
  received: () => number;
  answers: () => number;
}> {
  const [outbound, inbound] = multiaddrConnectionPair();
  const muxer = (connection: typeof outbound): StreamMuxer =>
    thriftyYamux({ enableKeepAlive: false })().createStreamMuxer(connection);
  const there = muxer(inbound);
  let got = 0;
  let writes = 0;
  const streams: Stream[] = [];
  outbound.addEventListener("message", () => void writes++);
  there.addEventListener("stream", ({ detail }) => {
    streams.push(detail);
    detail.addEventListener("message", ({ data }) => void (got += data.byteLength));
  });
  const out = await muxer(outbound).createStream();
  const other = (): Stream => {
    const [stream] = streams;
    if (stream === undefined) throw new Error("the stream has not come");
    return stream;
  };
  return { out, other, received: () => got, answers: () => writes };
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

test("muxer: where much comes fast, as much as an answer has comes without a word of ours, and no more than that", async () => {
  const { out, other, received, answers } = await line();
  out.send(octets("hello"));
  await until("the stream", () => received() === 5);
  widen(other(), 100, 1_000);
  const before = answers();
  widen(other(), 100 * 1024 * 1024, 10);
  await until("word of it", () => answers() > before);
  // Half of the window, and nothing has come back meanwhile.
  const half = MAX_STREAM_WINDOW_BYTES / 2 - 1_024;
  out.send(new Uint8Array(half));
  await until("one half", () => received() === 5 + half);
  assert.equal(answers(), before + 1);
  // It is a window still: what is more than it waits for word that there is room.
  const megabytes = 8;
  for (let i = 0; i < megabytes; i++) {
    if (!out.send(new Uint8Array(1024 * 1024))) {
      await new Promise((resolve) => out.addEventListener("drain", resolve, { once: true }));
    }
  }
  await until("all octets", () => received() === 5 + half + megabytes * 1024 * 1024);
  const windows = Math.floor((megabytes * 1024 * 1024) / MAX_STREAM_WINDOW_BYTES);
  assert.ok(answers() > before + windows, `${answers() - before} frames came back`);
});
