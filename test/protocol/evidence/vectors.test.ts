import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fromUtf8, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { checkEvidence, checkEvidenceSync } from "../../../protocol/evidence/check.ts";
import { idOfEvidence, keysOfEvidence } from "../../../protocol/evidence/describe.ts";
import { writeEvidence } from "../../../protocol/evidence/file.ts";

interface Vectors {
  readonly valid: readonly {
    readonly name: string;
    readonly text: string;
    readonly id: string;
    readonly keys: readonly string[];
  }[];
  readonly refused: readonly { readonly name: string; readonly text: string; readonly code: string }[];
}

const FILE = new URL("../../vectors/evidence/evidence.json", import.meta.url);
const { valid, refused } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("vectors of evidence", () => {
  for (const { name, text, id, keys } of valid) {
    it(`takes ${name} for what it is`, async () => {
      const evidence = checkEvidenceSync(utf8(text));
      assert.equal(idOfEvidence(evidence), id);
      assert.deepEqual(keysOfEvidence(evidence).map(toHex), keys);
      assert.equal(fromUtf8(writeEvidence(evidence)), text);
      assert.deepEqual(await checkEvidence(utf8(text)), evidence);
    });
  }

  for (const { name, text, code } of refused) {
    it(`refuses ${name}`, async () => {
      assert.throws(() => checkEvidenceSync(utf8(text)), { code });
      await assert.rejects(checkEvidence(utf8(text)), { code });
    });
  }
});
