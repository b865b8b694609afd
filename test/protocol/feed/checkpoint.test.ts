import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVkey } from "../../../protocol/crypto/index.ts";
import {
  EMPTY_ROOT,
  headBody,
  origin,
  originHash,
  parseCheckpoint,
  parseCheckpointBody,
  parseNote,
  parseOrigin,
  verifyNote,
} from "../../../protocol/feed/index.ts";
import { fromUtf8, toHex } from "../../../protocol/bytes/index.ts";
import { codeOf, refused, vector, vectorBytes } from "./cases.ts";

interface Bodies {
  checkpointUnmarshal: { valid: string[]; invalid: string[] };
}

const bodies = (vector("tlog/note/notes.json") as Bodies).checkpointUnmarshal;
const ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

test("bodies of transparency-dev's formats, whose roots may have any length, read once their root has 32 octets", () => {
  for (const body of bodies.valid) {
    refused("checkpoint/malformed", () => parseCheckpointBody(body), body);
    const lines = body.split("\n");
    const checkpoint = parseCheckpointBody(lines.with(2, ROOT).join("\n"));
    assert.equal(checkpoint.origin, lines[0]);
    assert.equal(String(checkpoint.size), lines[1]);
    assert.deepEqual(checkpoint.extensions, lines.slice(3, -1));
  }
  for (const body of bodies.invalid) {
    refused("checkpoint/malformed", () => parseCheckpointBody(body), body);
    const lines = body.split("\n");
    const isRootTheFault = lines[1] === "123" && body.endsWith("\n");
    if (!isRootTheFault && lines.length > 3) {
      refused("checkpoint/malformed", () => parseCheckpointBody(lines.with(2, ROOT).join("\n")), body);
    }
  }
});

test("one writing for each body", () => {
  const bad = [
    `log\n1\n${ROOT}`,
    `\n1\n${ROOT}\n`,
    `log\n01\n${ROOT}\n`,
    `log\n+1\n${ROOT}\n`,
    `log\n-1\n${ROOT}\n`,
    `log\n 1\n${ROOT}\n`,
    `log\n1e3\n${ROOT}\n`,
    `log\n0x1\n${ROOT}\n`,
    `log\n\n${ROOT}\n`,
    `log\n9007199254740992\n${ROOT}\n`,
    `log\n18446744073709551615\n${ROOT}\n`,
    `log\n1\n${ROOT.slice(0, -1)}\n`,
    `log\n1\n${ROOT.replace("+/", "-_")}\n`,
    `log\n1\n${ROOT.replace("FU=", "FV=")}\n`,
    `log\n1\n${ROOT}\n\n`,
    `log\n1\n${ROOT}\n\nextension\n`,
    "log\n1\n",
    "log\n",
    "\n",
    "",
  ];
  for (const body of bad)
    refused("checkpoint/malformed", () => parseCheckpointBody(body), JSON.stringify(body));
  assert.equal(parseCheckpointBody(`log\n9007199254740991\n${ROOT}\n`).size, 2 ** 53 - 1);
});

test("heads are written as they are read", () => {
  const head = fc.record(
    {
      origin: fc.stringMatching(/^[ -~é]{1,30}$/),
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(head, (head) => {
      assert.deepEqual(parseCheckpointBody(fromUtf8(headBody(head))), { ...head, extensions: [] });
    }),
  );
  for (const bad of ["", "a\nb", "a\n"]) {
    refused("checkpoint/malformed", () => headBody({ origin: bad, size: 1, root: EMPTY_ROOT }), bad);
  }
  refused("tree/bad-hash", () => headBody({ origin: "a", size: 1, root: new Uint8Array(31) }));
  refused("bytes/bad-decimal", () => headBody({ origin: "a", size: -1, root: EMPTY_ROOT }));
});

test("tessera's 16 signed checkpoints", () => {
  const key = parseVkey(fromUtf8(vectorBytes("tlog/tiles-15/vkey")).trim());
  for (let size = 0; size <= 15; size++) {
    const bytes = vectorBytes(`tlog/tiles-15/checkpoint.${size}`);
    const checkpoint = parseCheckpoint(bytes);
    assert.equal(checkpoint.size, size);
    assert.equal(checkpoint.origin, key.name);
    assert.deepEqual(checkpoint.body, headBody(checkpoint));
    assert.deepEqual(verifyNote(parseNote(bytes), [key]), [key]);
  }
});

test("checkpoints of others: C2SP's example, sunlight's, one with lines of types 04 and 05", () => {
  for (const [path, lines] of [
    ["tlog/cosignature/c2sp-example-checkpoint.txt", 2],
    ["tlog/tiles-300/checkpoint", 1],
    ["tlog/tiles-300/witness-checkpoint-ct-and-cosig.txt", 2],
  ] as const) {
    assert.equal(parseCheckpoint(vectorBytes(path)).signatures.length, lines, path);
  }
});

test("an origin is its network and its key", () => {
  const network = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
  fc.assert(
    fc.property(network, fc.uint8Array({ minLength: 32, maxLength: 32 }), (network, key) => {
      const name = origin(network, key);
      assert.equal(name, `samebits/${network}/${toHex(key)}`);
      assert.deepEqual(parseOrigin(name), { network, key });
    }),
  );
});

test("each feed has one origin: everything else is refused", () => {
  const hex = "ab".repeat(32);
  const bad = [
    "",
    "samebits",
    "samebits/",
    "samebits/main",
    "samebits/main/",
    `samebits//${hex}`,
    `/main/${hex}`,
    `samebits/main/${hex}/`,
    `samebits/main/${hex}/x`,
    `/samebits/main/${hex}`,
    `Samebits/main/${hex}`,
    `samebits/main/${hex.toUpperCase()}`,
    `samebits/main/${hex}00`,
    `samebits/main/${hex.slice(2)}`,
    `samebits/Main/${hex}`,
    `samebits/-main/${hex}`,
    `samebits/main-/${hex}`,
    `samebits/${"m".repeat(33)}/${hex}`,
    `samebits/ma in/${hex}`,
    `samebits/main\n/${hex}`,
    `samebits/main/${hex}\n`,
    ` samebits/main/${hex}`,
    `samebits/main/${hex.slice(2)}0x`,
    `samebits/main/${hex.slice(1)}é`,
    `samebits/${"m/".repeat(100_000)}${hex}`,
  ];
  for (const name of bad) refused("checkpoint/bad-origin", () => parseOrigin(name), name.slice(0, 100));
  refused("checkpoint/bad-origin", () => origin("Main", new Uint8Array(32)));
  refused("checkpoint/bad-origin", () => origin("main", new Uint8Array(31)));
  assert.equal(
    codeOf(() => parseOrigin(`samebits/main/${hex}`)),
    null,
  );
});

test("the hash that names a feed in URLs is of the origin without line feed", () => {
  // printf %s samebits/main/0000… | sha256sum
  assert.equal(
    toHex(originHash(origin("main", new Uint8Array(32)))),
    "9dc16bc4aee923e98d6b78fe53a736614a17d7339a335029e256976ce69fc9d7",
  );
});
