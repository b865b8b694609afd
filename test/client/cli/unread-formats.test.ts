/** Files of formats that nothing here reads, .rpm and .apk among them: whatever stands in them, they are what --purl says, and their SHA-256. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { sha256Hex, utf8 } from "../../../protocol/index.ts";
import { Bench, fails } from "./failing.ts";
import { runCommand } from "./run.ts";

const FILES = [
  ["tool-1.0-1.x86_64.rpm", "pkg:rpm/fedora/tool@1.0-1?arch=x86_64&epoch=2"],
  ["tool-1.0-r0.apk", "pkg:generic/tool@1.0-r0"],
  ["app.apk", "pkg:generic/app@1.0"],
  ["tool.flatpak", "pkg:generic/tool@1.0"],
] as const;

/** The beginnings of an RPM, of an Alpine package and of an Android one, and what is inside them a thousand times as large as it says. */
const CONTENTS = [
  ["nothing", new Uint8Array(0)],
  ["an RPM that is cut off", Uint8Array.of(0xed, 0xab, 0xee, 0xdb, 3, 0)],
  ["a gzip header", Uint8Array.of(0x1f, 0x8b, 8)],
  ["a bomb", new Uint8Array(deflateRawSync(new Uint8Array(8 * 1024 ** 2)))],
  ["a zip that leads out of its folder", utf8("PK\u0003\u0004../../../../etc/passwd")],
  ["a name that a terminal obeys", utf8("\u001b[2J\u202e")],
] as const;

let bench: Bench;
before(async () => {
  bench = await Bench.open();
});

for (const [name, purl] of FILES) {
  test(`${name}: attested and verified by its octets alone`, async () => {
    for (const [what, octets] of CONTENTS) {
      await bench.write(name, octets);
      const path = bench.at(name);
      const out = bench.at(`signed-${name}-${what.replaceAll(" ", "-")}`);
      const data = `${out}-data`;
      const attested = await runCommand([
        ...bench.attestFile(name, "--purl", purl, "--data", data),
        "-o",
        out,
      ]);
      assert.equal(attested.code, 0, `${what}: ${attested.err}`);
      const [written = ""] = await readdir(out);
      const envelope = JSON.parse(await readFile(join(out, written), "utf8")) as { payload: string };
      assert.match(Buffer.from(envelope.payload, "base64").toString(), new RegExp(sha256Hex(octets)), what);
      const asked = [path, "--purl", purl, "--policy", bench.at("policy.toml"), "--data", bench.at("data")];
      const bundle = join(out, written);
      const verified = await runCommand(["verify", ...asked, "--offline", "--json", "--bundle", bundle]);
      assert.deepEqual(
        [verified.objects[0]?.["sha256"], verified.objects[0]?.["verdict"]],
        [sha256Hex(octets), "pending"],
        what,
      );
      assert.ok(verified.code === 2 || verified.code === 3, `${what}: ${verified.code} ${verified.err}`);
    }
  });
}

test("without --purl they are nothing, and under another one's name neither", async () => {
  await bench.write("tool.rpm", "bits");
  await fails(3, "artifact/not-a-package", /say it with --purl/, ...bench.attestFile("tool.rpm"));
  for (const purl of [
    "pkg:rpm/fedora/tool@1.0-1?arch=x86_64&epoch=x",
    "pkg:rpm/fedora/tool@1.0-1?arch=x86_64&epoch=-1",
    "pkg:rpm/fedora/..%2Ftool@1?arch=x86_64",
    "pkg:apk/alpine/tool@1.0-r0?arch=x86_64",
    "pkg:rpm",
    "rpm",
  ])
    await fails(64, "usage/bad-option", /--purl /, ...bench.attestFile("tool.rpm", "--purl", purl));
});
