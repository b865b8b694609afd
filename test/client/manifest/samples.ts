/** Manifests as the tools write them, shortened. */
import { createHash } from "node:crypto";

export const PURL = "pkg:generic/tool@1.0";
export const A: string = "aa".repeat(32);
export const B: string = "bb".repeat(32);

export const SUMS: string = `${A}  tool-1.0.tar.gz\n${B} *dist/tool-1.0.zip\nSHA256 (tool-1.0.deb) = ${A}\n`;

const sha256 = (content: string): object => ({ alg: "SHA-256", content });

export const BOM: string = JSON.stringify({
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  metadata: {
    component: {
      type: "container",
      name: "image",
      components: [{ type: "file", name: "lib/part.bin", purl: "pkg:generic/part@1", hashes: [sha256(A)] }],
    },
  },
  components: [
    {
      type: "library",
      name: "catdoc",
      purl: "pkg:deb/debian/catdoc@1%3A0.95-6~deb12u1?arch=amd64&distro=debian-12",
      hashes: [{ alg: "MD5", content: "00" }, sha256(A.toUpperCase())],
      components: [
        { type: "library", name: "core", purl: "pkg:npm/%40babel/core@7.24.0", hashes: [sha256(B)] },
      ],
    },
    {
      type: "library",
      name: "openssl",
      purl: "pkg:generic/openssl@1.1.10g?download_url=https://openssl.org/source/openssl-1.1.0g.tar.gz",
      hashes: [sha256(B)],
    },
    { type: "library", name: "nameless", hashes: [sha256(A)] },
    { type: "library", name: "a1", purl: "pkg:deb/debian/a1@1?arch=all" },
    {
      type: "library",
      name: "a2",
      purl: "pkg:deb/debian/a2@1?arch=all",
      hashes: [{ alg: "SHA-1", content: "00" }],
    },
    { type: "library", name: "x", purl: "pkg:golang/example.org/x@v1", hashes: [sha256(A)] },
    { type: "library", name: "a3", purl: "pkg:deb/debian/a3@1", hashes: [sha256(A)] },
    { type: "library", name: "JSONStream", purl: "pkg:npm/JSONStream@1.3.5", hashes: [sha256(A)] },
    { type: "library", name: "bad", purl: "nonsense", hashes: [sha256(A)] },
    { type: "library", name: "tool", purl: "pkg:generic/tool@1", hashes: [sha256(A)] },
    { type: "library", name: "a4", purl: "pkg:deb/debian/a4@1?arch=all", hashes: [sha256(A), sha256(B)] },
  ],
});

const sha512 = (name: string): string => `sha512-${createHash("sha512").update(name).digest("base64")}`;
const at = (name: string): string => `https://registry.npmjs.org/${name}/-/${name}-1.0.0.tgz`;

export const LOCK: string = JSON.stringify({
  name: "project",
  lockfileVersion: 3,
  requires: true,
  packages: {
    "": { name: "project", dependencies: { abbrev: "1" } },
    "packages/part": { version: "1.0.0" },
    "node_modules/part": { resolved: "packages/part", link: true },
    "node_modules/abbrev": { version: "1.1.1", resolved: at("abbrev"), integrity: sha512("abbrev") },
    "node_modules/a/node_modules/abbrev": {
      version: "1.1.1",
      resolved: at("abbrev"),
      integrity: sha512("abbrev"),
    },
    "node_modules/@babel/core": { version: "7.24.0", integrity: `sha1-${"A".repeat(27)}= ${sha512("core")}` },
    "node_modules/alias": { name: "real", version: "2.0.0", resolved: at("real"), integrity: sha512("real") },
    "node_modules/sha256": {
      version: "1.0.0",
      integrity: `sha256-${Buffer.from(A, "hex").toString("base64")}`,
    },
    "node_modules/outer/node_modules/inner": { version: "1.0.0", inBundle: true },
    "node_modules/fromgit": { version: "1.0.0", resolved: "git+ssh://git@github.com/x/y.git#abc" },
    "node_modules/tarball": {
      version: "1.0.0",
      resolved: "https://example.org/x.tgz",
      integrity: sha512("x"),
    },
    "node_modules/JSONStream": { version: "1.3.5", integrity: sha512("JSONStream") },
    "node_modules/old": { version: "1.0.0", integrity: `sha1-${"A".repeat(27)}=` },
    "node_modules/none": { version: "1.0.0" },
  },
});
