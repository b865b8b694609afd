/** Keys of OpenSSH's agent, the real one, and of things that say that they are one. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  fromBase64,
  keyIdPlain,
  parseAttestation,
  toVkey,
  u32be,
  verifyOwn,
} from "../../../protocol/index.ts";
import { seal } from "../../../client/attest/index.ts";
import { openAnyKey } from "../../../client/keys/index.ts";
import { lacks } from "../../programs.ts";
import { openWorld, PURL, refused, STATEMENT } from "./world.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);
const skip = lacks("ssh-agent", "ssh-add", "ssh-keygen");
const children: ChildProcess[] = [];
let world: World;

before(async () => {
  world = await openWorld();
});

after(async () => {
  for (const child of children) child.kill();
  await world.close();
});

async function startAgent(name: string, environment: Record<string, string> = {}): Promise<string> {
  const socket = world.at(name);
  const child = spawn("ssh-agent", ["-D", "-a", socket], {
    stdio: "ignore",
    env: { ...process.env, ...environment },
  });
  children.push(child);
  for (let i = 0; i < 500 && !existsSync(socket); i++) await sleep(20);
  return socket;
}

/** A key of OpenSSH's in the agent: as `--key` names it, and the 32 octets of an Ed25519 one. */
async function addKey(
  socket: string,
  type: string,
  ...how: readonly string[]
): Promise<{ name: string; raw: Uint8Array }> {
  const path = world.at(`${type}-${how.length}`);
  await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "a card", "-f", path]);
  await run("ssh-add", ["-q", ...how, path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  const { stdout } = await run("ssh-keygen", ["-l", "-f", `${path}.pub`]);
  const [, blob = ""] = (await readFile(`${path}.pub`, "utf8")).split(" ");
  return { name: `ssh-agent:${stdout.split(" ")[1] ?? ""}`, raw: fromBase64(blob).slice(-32) };
}

test("a key in OpenSSH's agent signs envelopes as one in a file does", { skip }, async () => {
  const socket = await startAgent("agent");
  const { name, raw } = await addKey(socket, "ed25519");
  const rsa = await addKey(socket, "rsa");
  process.env["SSH_AUTH_SOCK"] = socket;
  const { signer, key, keyId } = await openAnyKey(name);
  assert.ok(signer !== null);
  assert.deepEqual([key.raw, keyId], [raw, keyIdPlain(key)]);
  const { envelope } = await seal(STATEMENT, signer);
  assert.ok(verifyOwn(parseAttestation(envelope), raw) !== null);
  await refused(openAnyKey(rsa.name), "key/bad-file", /type ssh-rsa/);
  await refused(
    openAnyKey("ssh-agent:SHA256:AAAA"),
    "key/bad-file",
    new RegExp(name.slice(-20, -4).replaceAll("+", "\\+")),
  );

  const said = await world.samebits("attest", world.at("tool.bin"), "--purl", PURL, "--key", name);
  assert.equal(said.code, 0, said.err);
  const file = String(JSON.parse(said.out).envelope);
  const judge = await world.judging(toVkey("tu", raw));
  const good = await world.samebits(...judge, "--bundle", file);
  assert.equal(good.code, 0, good.out + good.err);
  const back = await world.samebits("retract", file, "--reason", "built on a warm day", "--key", name);
  assert.equal(back.code, 0, back.err);
});

test("an agent that is not there, gone, or says no: told, and nothing is written", { skip }, async () => {
  const socket = await startAgent("agent-2", {
    SSH_ASKPASS: "/bin/false",
    DISPLAY: ":none",
    SSH_ASKPASS_REQUIRE: "force",
  });
  const { name } = await addKey(socket, "ed25519", "-c");
  process.env["SSH_AUTH_SOCK"] = socket;
  const { signer } = await openAnyKey(name);
  assert.ok(signer !== null);
  await refused(seal(STATEMENT, signer), "key/refused", /would not sign/);
  process.env["SSH_AUTH_SOCK"] = world.at("nobody");
  await refused(openAnyKey(name), "key/no-agent", /nobody/);
  delete process.env["SSH_AUTH_SOCK"];
  await refused(openAnyKey(name), "key/no-agent", /SSH_AUTH_SOCK/);
});

for (const [what, answer, words] of [
  ["an answer without an end", [...u32be(2 ** 31)], /answers with 2147483648 octets/],
  ["a list that ends early", [...u32be(6), 12, 0, 0, 0, 9, 0], /can't be read/],
  ["another answer", [...u32be(1), 5], /does not tell its list/],
] as const) {
  test(`an agent that gives ${what} is no agent`, async () => {
    const path = world.at(`liar-${answer.length}`);
    const server = createServer(
      (socket) => void socket.on("data", () => socket.write(Uint8Array.from(answer))),
    );
    server.listen(path);
    await once(server, "listening");
    process.env["SSH_AUTH_SOCK"] = path;
    await refused(openAnyKey("ssh-agent:SHA256:AAAA"), "key/no-agent", words);
    delete process.env["SSH_AUTH_SOCK"];
    server.close();
  });
}
