import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { startInside, subordinateIds } from "../../client/sandbox.ts";
import { setVariable } from "./cli/run.ts";
import { newFolder } from "../node/folder.ts";

const MADE = spawnSync("unshare", ["--user", "true"]).status === 0 && process.getuid?.() === 0;
const skip = MADE ? false : "user namespaces can't be made here, or not as root";

test("a whole system's ids of a user, by name or number, else none", () => {
  const list = "a:100000:65536\n1001:200000:65536\nb:300000:1000\n\njunk\nc:x:65536\n";
  assert.equal(subordinateIds(list, "a", 5), 100_000);
  assert.equal(subordinateIds(list, "z", 1001), 200_000);
  for (const name of ["b", "c", "d", ""]) assert.equal(subordinateIds(list, name, 5), null, name);
});

test(
  "who is root inside is nobody outside, sees no process and no network, and dies as one",
  { skip },
  async () => {
    const folder = await newFolder();
    const script =
      'id -u; echo $$; mkdir made; cat /proc/self/uid_map | tr -s " "; cat; sleep 1000 & sleep 1000';
    const child = await startInside({ folder, network: false, argv: ["sh", "-c", script] });
    child.stdin?.end("what it is given\n");
    const lines: string[] = [];
    for await (const part of child.stdout ?? []) {
      lines.push(
        ...String(part)
          .split("\n")
          .filter((line) => line !== ""),
      );
      if (lines.includes("what it is given")) break;
    }
    assert.deepEqual(lines, ["0", "1", " 0 2000000000 65536", "what it is given"]);
    const { stdout } = spawnSync("stat", ["-c", "%u", `${folder}/made`], { encoding: "utf8" });
    assert.equal(stdout, "2000000000\n");
    const gone = once(child, "close");
    child.kill("SIGKILL");
    await gone; // which waits for all that hold its streams
  },
);

test("without a network nothing can be reached, not even this machine", { skip }, async () => {
  const argv = ["sh", "-c", "cat /proc/net/dev | tail -n +3 | cut -d : -f 1 | tr -d ' '"] as const;
  const child = await startInside({ folder: await newFolder(), network: false, argv });
  child.stdin?.end();
  assert.deepEqual([child.stdout && (await text(child.stdout))], ["lo\n"]);
});

test("where namespaces can't be made, that is said", async () => {
  const undo = setVariable("PATH", await newFolder());
  try {
    await assert.rejects(startInside({ folder: await newFolder(), network: false, argv: ["true"] }), {
      code: "rebuild/no-isolation",
    });
  } finally {
    undo();
  }
});
