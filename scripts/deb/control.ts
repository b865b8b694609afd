/** What dpkg reads of the package: control data, configuration files, sums, maintainer scripts. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { MAINTAINER, put } from "./stage.ts";

const DEBIAN = join(import.meta.dirname, "debian");
const SCRIPTS = ["postinst", "prerm", "postrm"];
/** Policy 5.6.20: files in whole KiB, all else one each. */
const KIB = 1024;

const DESCRIPTION = `did everyone who built this get the same bits?
 A peer-to-peer network for reproducible builds. Independent builders sign what
 they got, in append-only feeds that nobody can rewrite unseen; samebits verify
 counts one vote a builder by your policy, and believes nothing that it has not
 checked itself. With samebits apt install-hook, apt asks before it unpacks.
 .
 The package runs a node as a service of its own user. It brings a Node.js of
 its own in /usr/lib/samebits, which nothing else uses, since samebits needs a
 newer one than Debian 12 has.`;

export function writeControl(
  tree: string,
  { version, architecture }: { readonly version: string; readonly architecture: string },
): void {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  const files = paths.filter((path) => lstatSync(path).isFile());
  const sums = files.map((path) => `${md5(readFileSync(path))}  ${relative(tree, path)}\n`);
  const size = paths.reduce((sum, path) => {
    const stat = lstatSync(path);
    return sum + (stat.isFile() ? Math.ceil(stat.size / KIB) : 1);
  }, 0);
  const fields = [
    ["Package", "samebits"],
    ["Version", version],
    ["Architecture", architecture],
    ["Maintainer", MAINTAINER],
    ["Installed-Size", String(size)],
    // Node's own demands; adduser for the postinst.
    ["Depends", "adduser, libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 6)"],
    ["Suggests", "diffoscope, gnupg, openssh-client"],
    ["Section", "utils"],
    ["Priority", "optional"],
    ["Description", DESCRIPTION],
  ];
  const control = fields.map(([name, value]) => `${name}: ${value}\n`).join("");
  put(tree, "DEBIAN/control", Buffer.from(control));
  put(tree, "DEBIAN/md5sums", Buffer.from(sums.join("")));
  put(tree, "DEBIAN/conffiles", Buffer.from("/etc/samebits/config.toml\n"));
  for (const name of SCRIPTS) put(tree, `DEBIAN/${name}`, readFileSync(join(DEBIAN, name)));
}

/** What `dpkg --verify` goes by; it guards against damage, not against people. */
function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
