import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ProtocolError } from "../../../protocol/errors.ts";
import { FRAME_KINDS } from "./frames.ts";

/** The code thrown by `run`, or null. Anything that is not ours fails the test. */
function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

const WIRE_CODES = new Set(["wire/undecodable", "wire/not-canonical", "wire/bad-field", "wire/not-one-of"]);

for (const { name, written, read, again, maxBytes } of FRAME_KINDS) {
  describe(name, () => {
    it("reads what it writes", () => {
      fc.assert(fc.property(written, ({ value, bytes }) => assert.deepEqual(read(bytes), value)));
    });

    it("reads a Buffer into plain octets", () => {
      fc.assert(
        fc.property(written, ({ value, bytes }) => assert.deepEqual(read(Buffer.from(bytes)), value)),
        {
          numRuns: 20,
        },
      );
    });

    it("refuses every truncation with a code of its own", () => {
      fc.assert(
        fc.property(written, ({ bytes }) => {
          for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 200)) {
            const code = codeOf(() => read(bytes.subarray(0, length)));
            // A cut between two fields may leave a valid shorter frame; it is then exactly that frame.
            if (code === null) assert.deepEqual(again(bytes.subarray(0, length)), bytes.slice(0, length));
            else assert.ok(WIRE_CODES.has(code), code);
          }
        }),
        { numRuns: 20 },
      );
    });

    it("takes a changed octet for nothing but another exact frame", () => {
      fc.assert(
        fc.property(written, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes }, at, flip) => {
          const changed = Uint8Array.from(bytes);
          const index = at % bytes.length;
          changed[index] = (changed[index] ?? 0) ^ flip;
          const code = codeOf(() => read(changed));
          if (code === null) assert.deepEqual(again(changed), changed);
          else assert.ok(WIRE_CODES.has(code), code);
        }),
        { numRuns: 500 },
      );
    });

    it("refuses octets after the last field, unknown fields and repeated ones", () => {
      fc.assert(
        fc.property(written, ({ bytes }) => {
          for (const extra of [[0], [0xff], [0xf8, 0x7f, 1], [0x9a, 0x7d, 0], [0x0b, 0x0c]]) {
            const code = codeOf(() => read(Uint8Array.from([...bytes, ...extra])));
            assert.ok(code !== null && WIRE_CODES.has(code), `${extra.join(" ")}: ${code}`);
          }
          assert.notEqual(
            codeOf(() => read(Uint8Array.from([...bytes, ...bytes, ...bytes, 0]))),
            null,
          );
        }),
        { numRuns: 50 },
      );
    });

    it("refuses random octets without harm", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          const code = codeOf(() => read(bytes));
          if (code === null) assert.deepEqual(again(bytes), bytes);
          else assert.ok(WIRE_CODES.has(code), code);
        }),
        { numRuns: 1000 },
      );
    });

    it("refuses a frame over its limit before it looks at it", () => {
      assert.equal(
        codeOf(() => read(new Uint8Array(maxBytes + 1))),
        "wire/too-big",
      );
      assert.notEqual(
        codeOf(() => read(new Uint8Array(maxBytes))),
        "wire/too-big",
      );
    });

    it("survives nested groups up to the limit", () => {
      assert.equal(
        codeOf(() => read(new Uint8Array(maxBytes).fill(0x0b | 0x78))),
        "wire/undecodable",
      );
    });
  });
}
