/** Writes test/vectors/attestation/targets.json for `protocol/spec/targets.md`. Same output every time. */
import { parseTarget, ProtocolError } from "../../protocol/index.ts";
import type { ProtocolCode } from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const good: readonly [about: string, purl: string, file: string][] = [
  ["deb", "pkg:deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  [
    "deb, epoch: not in the file name",
    "pkg:deb/debian/catdoc@1:0.95-6~deb12u1?arch=amd64",
    "catdoc_0.95-6~deb12u1_amd64.deb",
  ],
  [
    "deb, the same without epoch is another",
    "pkg:deb/debian/catdoc@0.95-6~deb12u1?arch=amd64",
    "catdoc_0.95-6~deb12u1_amd64.deb",
  ],
  [
    "deb, binNMU",
    "pkg:deb/debian/librust-as-slice-dev@0.2.1-1%2Bb2?arch=amd64",
    "librust-as-slice-dev_0.2.1-1+b2_amd64.deb",
  ],
  [
    "deb, plus in the name",
    "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64",
    "libstdc++6_12.2.0-14+deb12u1_amd64.deb",
  ],
  ["deb, tilde", "pkg:deb/debian/usrmerge@37~deb12u1?arch=all", "usrmerge_37~deb12u1_all.deb"],
  [
    "deb, all and plus",
    "pkg:deb/debian/node-abbrev@1.1.1%2B~1.1.2-1?arch=all",
    "node-abbrev_1.1.1+~1.1.2-1_all.deb",
  ],
  ["deb, debug symbols", "pkg:deb/debian/hello-dbgsym@2.10-3?arch=amd64", "hello-dbgsym_2.10-3_amd64.deb"],
  ["deb, source", "pkg:deb/debian/hello@2.10-3?arch=source", "hello_2.10-3.dsc"],
  ["deb, installer", "pkg:deb/debian/anna@1.88?arch=arm64", "anna_1.88_arm64.udeb"],
  [
    "deb, Ubuntu's debug symbols",
    "pkg:deb/ubuntu/hello-dbgsym@2.10-3build1?arch=amd64",
    "hello-dbgsym_2.10-3build1_amd64.ddeb",
  ],
  ["deb, other vendor", "pkg:deb/ubuntu/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["deb, other architecture", "pkg:deb/debian/hello@2.10-3?arch=hurd-i386", "hello_2.10-3_hurd-i386.deb"],
  ["alpm", "pkg:alpm/arch/filesystem@2025.10.12-1?arch=any", "filesystem-2025.10.12-1-any.pkg.tar.zst"],
  [
    "alpm, epoch: in the file name",
    "pkg:alpm/arch/vim@1:9.1.1-1?arch=x86_64",
    "vim-1:9.1.1-1-x86_64.pkg.tar.zst",
  ],
  [
    "alpm, split package",
    "pkg:alpm/arch/gcc-libs@15.2.1%2Br22%2Bgc4e96a094636-1?arch=x86_64",
    "gcc-libs-15.2.1+r22+gc4e96a094636-1-x86_64.pkg.tar.zst",
  ],
  [
    "alpm, other half of it",
    "pkg:alpm/arch/gcc@15.2.1%2Br22%2Bgc4e96a094636-1?arch=x86_64",
    "gcc-15.2.1+r22+gc4e96a094636-1-x86_64.pkg.tar.zst",
  ],
  [
    "alpm, xz, fractional pkgrel",
    "pkg:alpm/archlinuxarm/zlib@1:1.3.1-2.1?arch=aarch64",
    "zlib-1:1.3.1-2.1-aarch64.pkg.tar.xz",
  ],
  ["rpm", "pkg:rpm/fedora/bash@5.3.0-2.fc43?arch=x86_64", "bash-5.3.0-2.fc43.x86_64.rpm"],
  [
    "rpm, epoch: only in the package URL",
    "pkg:rpm/fedora/vim-enhanced@9.1.1-1.fc43?arch=x86_64&epoch=2",
    "vim-enhanced-9.1.1-1.fc43.x86_64.rpm",
  ],
  ["rpm, source", "pkg:rpm/opensuse/bash@5.3.0-2.1?arch=src", "bash-5.3.0-2.1.src.rpm"],
  [
    "deb, its normal form",
    "pkg:deb/debian/catdoc@1:0.95-6~deb12u1?arch=amd64",
    "catdoc_0.95-6~deb12u1_amd64.deb.unsigned",
  ],
  [
    "rpm, its normal form",
    "pkg:rpm/fedora/bash@5.3.0-2.fc43?arch=x86_64",
    "bash-5.3.0-2.fc43.x86_64.rpm.unsigned",
  ],
  ["generic, a normal form", "pkg:generic/tor-browser@15.0", "tor-browser-15.0.exe.unsigned"],
  ["npm", "pkg:npm/abbrev@1.1.1", "abbrev-1.1.1.tgz"],
  [
    "npm, scope: in the file name as npm pack writes it",
    "pkg:npm/%40babel/core@7.24.0-beta.1",
    "babel-core-7.24.0-beta.1.tgz",
  ],
  ["generic", "pkg:generic/bitcoin-core/bitcoin@27.0", "bitcoin-27.0-x86_64-linux-gnu.tar.gz"],
  ["generic, another file of it", "pkg:generic/bitcoin-core/bitcoin@27.0", "bitcoin-27.0-win64.zip"],
  ["generic, no version, no namespace", "pkg:generic/tool", "tool"],
  ["generic, deeper namespace, spaces", "pkg:generic/org/team/my%20tool@1.0%20beta", "my tool.bin"],
  ["generic, beyond ASCII", "pkg:generic/stra%C3%9Fe@1", "straße-日本語.tar"],
];

const bad: readonly [about: string, purl: string, file: string][] = [
  ["no scheme", "deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["upper-case scheme", "PKG:deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["slashes behind the scheme", "pkg://deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["no type", "pkg:hello", "hello"],
  ["unknown type", "pkg:gem/rake@13.2.1", "rake-13.2.1.gem"],
  ["npm, capitals", "pkg:npm/JSONStream@1.3.5", "JSONStream-1.3.5.tgz"],
  ["npm, scope without its @", "pkg:npm/babel/core@7.24.0", "babel-core-7.24.0.tgz"],
  ["npm, build metadata", "pkg:npm/a@1.0.0%2Bb", "a-1.0.0+b.tgz"],
  ["npm, a leading zero in a pre-release", "pkg:npm/a@1.0.0-rc.01", "a-1.0.0-rc.01.tgz"],
  ["npm, the name of the registry's path", "pkg:npm/%40babel/core@7.24.0", "core-7.24.0.tgz"],
  ["upper-case type", "pkg:Deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["no name", "pkg:generic/", "f"],
  ["no namespace", "pkg:deb/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["upper-case namespace", "pkg:deb/Debian/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["two namespaces", "pkg:deb/debian/main/hello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["empty namespace segment", "pkg:generic/a//b", "f"],
  ["upper-case name", "pkg:deb/debian/Hello@2.10-3?arch=amd64", "Hello_2.10-3_amd64.deb"],
  ["plus not encoded", "pkg:deb/debian/libstdc++6@12.2.0-14?arch=amd64", "libstdc++6_12.2.0-14_amd64.deb"],
  [
    "plus of the version not encoded (packageurl-js writes it so)",
    "pkg:deb/debian/a1@1+b1?arch=amd64",
    "a1_1+b1_amd64.deb",
  ],
  ["lower-case percent-encoding", "pkg:deb/debian/a1@1%2bb1?arch=amd64", "a1_1+b1_amd64.deb"],
  ["encoded where it need not be", "pkg:deb/debian/%68ello@2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["epoch's colon encoded", "pkg:deb/debian/catdoc@1%3A0.95-6?arch=amd64", "catdoc_0.95-6_amd64.deb"],
  ["percent-encoding that is none", "pkg:generic/a%zz", "f"],
  ["percent-encoding of no UTF-8", "pkg:generic/a%FF", "f"],
  ["epoch 0", "pkg:deb/debian/hello@0:2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["epoch with a leading zero", "pkg:deb/debian/hello@01:2.10-3?arch=amd64", "hello_2.10-3_amd64.deb"],
  ["second colon", "pkg:deb/debian/hello@1:2:3?arch=amd64", "hello_2:3_amd64.deb"],
  ["no version", "pkg:deb/debian/hello?arch=amd64", "hello__amd64.deb"],
  ["no architecture", "pkg:deb/debian/hello@2.10-3", "hello_2.10-3_amd64.deb"],
  ["empty architecture", "pkg:deb/debian/hello@2.10-3?arch=", "hello_2.10-3_.deb"],
  ["architecture twice", "pkg:deb/debian/hello@2.10-3?arch=amd64&arch=all", "hello_2.10-3_amd64.deb"],
  [
    "a qualifier that would make a second target",
    "pkg:deb/debian/hello@2.10-3?arch=amd64&distro=bookworm",
    "hello_2.10-3_amd64.deb",
  ],
  ["a checksum", "pkg:generic/tool@1?checksum=sha256:00", "tool"],
  ["qualifiers not sorted", "pkg:rpm/fedora/a@1-1?epoch=2&arch=x86_64", "a-1-1.x86_64.rpm"],
  ["epoch 0 of an rpm", "pkg:rpm/fedora/a@1-1?arch=x86_64&epoch=0", "a-1-1.x86_64.rpm"],
  ["subpath", "pkg:generic/tool@1#bin/tool", "tool"],
  ["file of another package", "pkg:deb/debian/hello@2.10-3?arch=amd64", "curl_2.10-3_amd64.deb"],
  ["file of another version", "pkg:deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-2_amd64.deb"],
  ["file of another architecture", "pkg:deb/debian/hello@2.10-3?arch=amd64", "hello_2.10-3_all.deb"],
  [
    "epoch in the file name of a deb",
    "pkg:deb/debian/catdoc@1:0.95-6?arch=amd64",
    "catdoc_1%3a0.95-6_amd64.deb",
  ],
  ["source that is no .dsc", "pkg:deb/debian/hello@2.10-3?arch=source", "hello_2.10-3_source.deb"],
  [
    "no epoch in the file name of an Arch package",
    "pkg:alpm/arch/vim@1:9.1-1?arch=x86_64",
    "vim-9.1-1-x86_64.pkg.tar.zst",
  ],
  ["no pkgrel", "pkg:alpm/arch/vim@9.1?arch=x86_64", "vim-9.1-x86_64.pkg.tar.zst"],
  ["not a package", "pkg:alpm/arch/vim@9.1-1?arch=x86_64", "vim-9.1-1-x86_64.pkg.tar.zst.sig"],
  [
    "normal form of another version",
    "pkg:deb/debian/hello@2.10-3?arch=amd64",
    "hello_2.10-2_amd64.deb.unsigned",
  ],
  [
    "normal form of a normal form",
    "pkg:deb/debian/hello@2.10-3?arch=amd64",
    "hello_2.10-3_amd64.deb.unsigned.unsigned",
  ],
  ["normal form of a .dsc", "pkg:deb/debian/hello@2.10-3?arch=source", "hello_2.10-3.dsc.unsigned"],
  [
    "normal form of what has none inside",
    "pkg:alpm/arch/vim@9.1-1?arch=x86_64",
    "vim-9.1-1-x86_64.pkg.tar.zst.unsigned",
  ],
  ["empty file name", "pkg:generic/tool", ""],
  ["this folder", "pkg:generic/tool", "."],
  ["the folder above", "pkg:generic/tool", ".."],
  ["a path", "pkg:generic/tool", "bin/tool"],
  ["an absolute path", "pkg:deb/debian/hello@2.10-3?arch=amd64", "/tmp/hello_2.10-3_amd64.deb"],
  ["a path of Windows", "pkg:generic/tool", "bin\\tool"],
  ["NUL", "pkg:generic/tool", "tool\0.exe"],
  ["newline: would join with the package URL", "pkg:generic/tool", "a\nb"],
  ["escape", "pkg:generic/tool", "\u001b[31mtool"],
  ["DEL", "pkg:generic/tool", "tool\u007f"],
  ["C1", "pkg:generic/tool", "tool\u009b"],
  ["not in NFC", "pkg:generic/tool", "cafe\u0301"],
  ["right-to-left override", "pkg:generic/tool", "tool\u202egnp.exe"],
  ["zero width space", "pkg:generic/tool", "to\u200bol"],
  ["soft hyphen", "pkg:generic/tool", "to\u00adol"],
  ["byte order mark", "pkg:generic/tool", "\ufefftool"],
  ["beyond the repertoire", "pkg:generic/tool", "tool\u{1f600}"],
  ["half a surrogate pair", "pkg:generic/tool", "tool\ud83d"],
  ["space at the end", "pkg:generic/tool", "tool "],
  ["256 octets", "pkg:generic/tool", "a".repeat(256)],
  ["name with an encoded slash", "pkg:generic/a%2Fb", "f"],
  ["name with an encoded newline", "pkg:generic/a%0Ab", "f"],
  ["1,025 characters", `pkg:generic/${"a".repeat(1025 - 12)}`, "f"],
];

/** Package URLs as people and tools write them, and what they are written as; null: they name no target. */
const written: readonly [about: string, given: string, purl: string | null][] = [
  [
    "deb, vendor and name in capitals",
    "pkg:deb/Debian/Hello@2.10-3?arch=amd64",
    "pkg:deb/debian/hello@2.10-3?arch=amd64",
  ],
  ["type in capitals", "PKG:DEB/debian/hello@2.10-3?arch=amd64", "pkg:deb/debian/hello@2.10-3?arch=amd64"],
  [
    "rpm, vendor in capitals: the name stays",
    "pkg:rpm/Fedora/ImageMagick@7-1?arch=x86_64",
    "pkg:rpm/fedora/ImageMagick@7-1?arch=x86_64",
  ],
  ["generic: all stays", "pkg:generic/Foo/Bar@V1", "pkg:generic/Foo/Bar@V1"],
  [
    "qualifiers that name no target",
    "pkg:deb/debian/hello@2.10-3?Distro=sid&ARCH=amd64",
    "pkg:deb/debian/hello@2.10-3?arch=amd64",
  ],
  ["npm, scope with a bare @", "pkg:npm/@babel/core@7.24.0", "pkg:npm/%40babel/core@7.24.0"],
  ["npm, name in capitals: another package", "pkg:npm/JSONStream@1.3.5", null],
  ["npm, an encoded capital", "pkg:npm/%4ASONStream@1.3.5", null],
  ["npm, type and name in capitals", "pkg:NPM/JSONStream@1.3.5", null],
  ["npm, scope in capitals: another package", "pkg:npm/%40Babel/core@7.24.0", null],
  ["npm, space before the name", "pkg:npm/%20jsonstream@1.3.5", null],
  ["npm, newline in the name", "pkg:npm/json\nstream@1.3.5", null],
  ["npm, space behind the version", "pkg:npm/jsonstream@1.3.5%20", null],
  ["alpm, name in capitals: another package", "pkg:alpm/arch/Vim@9.1-1?arch=x86_64", null],
  ["alpm, vendor in capitals", "pkg:alpm/Arch/vim@9.1-1?arch=x86_64", "pkg:alpm/arch/vim@9.1-1?arch=x86_64"],
  [
    "deb, the sign for kelvin in the name: its small letter is a k",
    "pkg:deb/debian/%E2%84%AAate@1-1?arch=amd64",
    null,
  ],
  ["type percent-encoded", "pkg:%67eneric/foo@1", null],
  ["arch twice", "pkg:deb/debian/hello@2.10-3?arch=amd64&arch=i386", null],
  ["arch twice, the same", "pkg:deb/debian/hello@2.10-3?arch=amd64&arch=amd64", null],
  ["arch twice, in capitals once", "pkg:deb/debian/hello@2.10-3?arch=amd64&ARCH=i386", null],
  ["arch twice, once empty", "pkg:deb/debian/hello@2.10-3?arch=&arch=amd64", null],
  ["a qualifier that is dropped, twice", "pkg:generic/foo@1?checksum=sha256:aa&checksum=sha256:bb", null],
];

function codeOf(purl: string, file: string): ProtocolCode {
  try {
    parseTarget(purl, file);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error(`${purl} ${file} is a target`);
}

const content = {
  targets: good.map(([about, purl, file]) => ({ about, purl, file, key: parseTarget(purl, file).keyHex })),
  refused: bad.map(([about, purl, file]) => ({ about, purl, file, code: codeOf(purl, file) })),
  written: written.map(([about, given, purl]) => ({ about, given, purl })),
};
writeVectors("attestation/targets.json", content);
