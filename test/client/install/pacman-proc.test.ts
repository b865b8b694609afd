/** Where there is no /proc, as in a chroot that somebody forgot to mount it in. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const MODULE = new URL("../../../client/install/pacman-call.ts", import.meta.url).href;
const ASK = `import("${MODULE}").then(({ pacmanCall }) => pacmanCall()).catch((error) => console.log(error.code, error.message))`;

/** Runs a shell line without /proc; null where that can't be had here. */
function withoutProc(line: string): string | null {
  const mounts = "mount -t tmpfs none /proc 2> /dev/null || exit 9";
  const { status, stdout } = spawnSync("unshare", ["-m", "sh", "-c", `${mounts}; ${line}`], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return status === 0 ? stdout : null;
}

test(
  "without /proc nobody can know how pacman was called",
  { skip: withoutProc("true") === null ? "no mounts of its own here" : false },
  () => {
    const said = withoutProc(`'${process.execPath}' -e '${ASK}'`);
    assert.match(said ?? "", /^pacman\/no-file .*\/proc is not mounted here; nothing could be checked/);
  },
);
