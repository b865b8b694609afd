/** A rule with steps in the page: it takes the signature off by itself, and says that it can't where it has the digest alone. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { unsignFile } from "../../../client/artifact/index.ts";
import { check } from "../../../node/dashboard/checking.ts";
import { formOf } from "../../../node/dashboard/normal-form.ts";
import { buildLink, parseTarget, readPolicy, sealEnvelope, sha256, toHex } from "../../../protocol/index.ts";
import type { Input } from "../../../protocol/index.ts";
import { keyIdKha, toSpkiPem } from "../../../protocol/crypto/index.ts";
import { signer } from "../../protocol/verdict/cast.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/unsign");
const octets = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(join(VECTORS, name)));

test("the normal form of each vector, as the command has it", async () => {
  for (const folder of ["pe", "deb", "rpm", "apk", "mar", "macho"]) {
    for (const name of await readdir(join(VECTORS, folder))) {
      const path = join(folder, name);
      const form = await formOf(new Blob([await octets(path)]));
      const expected = await unsignFile(join(VECTORS, path), { lenient: false }).then(
        (unsigned) => toHex(unsigned.sha256),
        (error: unknown) => String(error),
      );
      assert.equal(
        "why" in form ? expected.includes(form.why.split(" (")[0] ?? "-") : form.sha256 === expected,
        true,
        path,
      );
    }
  }
});

const TOOL = parseTarget("pkg:generic/tool@1", "tool.efi");

function says(
  name: string,
  step: string,
  file: Uint8Array,
  bare: Uint8Array,
  from: readonly Input[] = [],
): Uint8Array {
  const { key, sign } = signer(name);
  const unsigned = parseTarget(TOOL.purl, `${TOOL.file}.unsigned`);
  const statement = buildLink(
    [
      { target: TOOL, file: TOOL.file, sha256: sha256(file) },
      { target: unsigned, file: unsigned.file, sha256: bare },
    ],
    {
      step,
      materials: from.map((one) => ({
        ...one,
        sha256: Buffer.from(one.sha256, "hex"),
        uri: null,
        gitCommit: null,
        gitTag: null,
      })),
      command: [],
      how: "built",
      time: null,
      environment: null,
    },
  );
  return sealEnvelope(statement, sign, keyIdKha(key));
}

test("a dropped file is reproduced by what it is without its signature; of a digest alone it is not", async () => {
  const [built, signed] = [await octets("pe/tiny.efi"), await octets("pe/tiny.a.efi")];
  const { sha256: bare } = await unsignFile(join(VECTORS, "pe/tiny.efi"), { lenient: false });
  const envelopes = [
    says("a", "build", built, bare),
    says("r", "sign", signed, bare, [{ name: "tool.efi", sha256: toHex(sha256(built)) }]),
  ];
  const builders = ["a", "r"].map(
    (name) => `[builders.${name}]\nkey = ${JSON.stringify(toSpkiPem(signer(name).key))}\n`,
  );
  const policy = readPolicy(`version = 1\n${builders.join("")}
[[rules]]
name = "tool"
match = "pkg:generic/tool"
steps = [
  { name = "build", require = { k = 1, of = "a" } },
  { name = "sign", from = ["normal-form", "materials"], require = { k = 1, of = "r" } },
]`);
  const bundle = { made: null, entries: [], heads: [], evidence: [], envelopes };
  const verdictOf = async (bytes: Uint8Array<ArrayBuffer>, isWhole: boolean): Promise<unknown> => {
    const { judgement } = await check(
      {
        file: { name: TOOL.file, sha256: sha256(bytes), ...(isWhole ? { octets: new Blob([bytes]) } : {}) },
        policy: { policy, name: "policy.toml", isBrought: true },
        bundle: { name: "said", bundle },
        hasNode: false,
        isWide: false,
        network: "test",
        chosen: TOOL.keyHex,
      },
      Date.parse("2026-11-29T12:00:00Z"),
    );
    return judgement?.verdict.chain?.map(({ step, verdict }) => [step, verdict]);
  };
  assert.deepEqual(await verdictOf(signed, true), [
    ["build", "reproduced"],
    ["sign", "reproduced"],
  ]);
  assert.deepEqual(await verdictOf(signed, false), [
    ["build", "pending"],
    ["sign", "reproduced"],
  ]);
  const tampered = signed.slice();
  tampered[0x40] = (tampered[0x40] ?? 0) ^ 1;
  assert.deepEqual(await verdictOf(tampered, true), [
    ["build", "contradicted"],
    ["sign", "contradicted"],
  ]);
});
