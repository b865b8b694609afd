/** What package managers call, started by hand: on a terminal, with nothing, or with no stdin at all. A message or an end, and no waiting. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { LAUNCHER } from "../../built.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";

const PROGRAM = join(dirname(LAUNCHER), "samebits.sh");
const MANAGERS = ["apt", "pacman"] as const;
/** Less than a hook waits for its input. */
const SOON_MS = 25_000;

function shell(line: string): { readonly code: number | null; readonly out: string } {
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const options = { encoding: "utf8", timeout: SOON_MS, env: { ...process.env, PATH: path } } as const;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], options);
  return { code: status, out: stdout + stderr };
}

test("on a terminal it says whose command it is", { skip: lacks("script") }, () => {
  for (const manager of MANAGERS) {
    const { code, out } = shell(`script -qec '${PROGRAM} ${manager} pre-install' /dev/null < /dev/null`);
    assert.equal(code, 66, out);
    const words = `it comes from a terminal; this command is for ${manager} to call`;
    assert.ok(out.includes(words) && out.includes(`[${manager}/bad-input]`), out);
  }
});

test("with nothing on stdin, or without one, apt has nothing to install and pacman said nothing", () => {
  for (const redirect of ["< /dev/null", "0<&-"]) {
    const apt = shell(`${PROGRAM} apt pre-install ${redirect}`);
    assert.deepEqual(apt, { code: 0, out: "" }, redirect);
    const pacman = shell(`${PROGRAM} pacman pre-install ${redirect}`);
    assert.equal(pacman.code, 66, `${redirect}: ${pacman.out}`);
    assert.match(pacman.out, /it names no package; .*\[pacman\/bad-input\]\n$/);
  }
});

test("what can't be read is not nothing: a folder as stdin, or a file that was opened to be written, stops the transaction", async () => {
  const folder = await newFolder();
  for (const [redirect, why] of [
    [`< ${folder}`, "it is a folder"],
    [`0> ${join(folder, "written")}`, ""],
  ] as const)
    for (const manager of MANAGERS)
      for (const mode of ["warn", "enforce"]) {
        const { code, out } = shell(`${PROGRAM} ${manager} pre-install --mode ${mode} ${redirect}`);
        assert.equal(code, 66, `${manager} ${mode} ${redirect}: ${out}`);
        assert.ok(out.includes("stdin: ") && out.includes(why), out);
        assert.ok(out.includes(`[${manager}/bad-input]`), out);
      }
  const { code, out } = shell(`${PROGRAM} publish - < ${folder}`);
  assert.equal(code, 66, out);
  assert.match(out, /stdin: .*it is a folder \[input\/unreadable\]\n$/);
});
