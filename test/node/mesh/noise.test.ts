import assert from "node:assert/strict";
import { Socket } from "node:net";
import { mock, test } from "node:test";
import { octets, startPeer, until } from "./peers.ts";

/** The lengths that noise messages say one after the other, and what is left when they end. */
function messagesIn(written: Uint8Array): { readonly count: number; readonly rest: number } {
  let at = 0;
  let count = 0;
  while (at + 2 <= written.length) {
    at += 2 + 256 * (written[at] ?? 0) + (written[at + 1] ?? 0);
    count++;
  }
  return { count, rest: written.length - at };
}

test("noise: every write to a socket is whole messages, small and large", async () => {
  const first = await startPeer([]);
  const second = await startPeer([first]);
  await until("company", () => second.joined.has(first.mesh.self));
  const write = mock.method(Socket.prototype, "write");
  for (const size of [1, 1_000, 200_000]) {
    first.answer = async () => new Uint8Array(size).fill(7);
    const answer = await second.mesh.ask(first.mesh.self, "tiles", octets("how much?"), 10_000);
    assert.equal(answer.length, size);
  }
  second.mesh.gossip("feeds", octets("news"));
  await until("news", () => first.heard.length > 0);
  write.mock.restore();
  const written = write.mock.calls.flatMap(({ arguments: [chunk] }) =>
    chunk instanceof Uint8Array ? [chunk] : [],
  );
  assert.ok(written.length >= 10, `${written.length} writes`);
  for (const chunk of written) {
    const { count, rest } = messagesIn(chunk);
    assert.ok(count > 0 && rest === 0, `a write of ${chunk.length} octets is no whole message`);
  }
});
