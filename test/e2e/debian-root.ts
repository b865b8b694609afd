/** Debian as mmdebstrap makes it, in a folder, with a repository in which `hello` is: nothing is fetched. */
import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { TOP } from "../docs/markdown.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { run } from "./apt-rig.ts";
import { BASE, whyNoBase } from "./base.ts";

const HELLO = "scripts/debs/hello_2.10-3_amd64.deb";

/** What `sh` runs as root of namespaces of its own to be in it, with a network that leads nowhere; `$1` is the root, the rest what runs in it. */
export const ENTER: string = String.raw`
set -eu
root=$1
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
ip link set lo up
exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
`;

export async function freshRoot(): Promise<string> {
  const root = join(await newFolder(), "root");
  await mkdir(root);
  const unpacked = await run("tar", ["--numeric-owner", "--exclude=./dev/*", "-C", root, "-xf", BASE]);
  assert.equal(unpacked.code, 0, unpacked.output);
  await mkdir(join(root, "archive"));
  await copyFile(join(TOP, HELLO), join(root, "archive", basename(HELLO)));
  for (const list of globSync("etc/apt/sources.list*", { cwd: root }))
    await rm(join(root, list), { recursive: true });
  await writeFile(join(root, "etc/apt/sources.list"), "deb [trusted=yes] file:/archive ./\n");
  const index = "cd /archive && dpkg-scanpackages . > Packages 2> /dev/null && apt-get update";
  const updated = await run("chroot", [root, "sh", "-c", index]);
  assert.equal(updated.code, 0, updated.output);
  return root;
}

/** Why it can't be had here; false where it can. */
export function whyNoRoot(): string | false {
  if (process.getuid?.() !== 0) return "needs root: it has a root of its own";
  if (!existsSync(join(TOP, HELLO))) return `${HELLO} is not there: scripts/debian.sh brings it`;
  return whyNoBase() ?? lacks("unshare", "chroot", "tar", "ip");
}
