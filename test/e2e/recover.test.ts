/** `samebits feed recover`: a lost disk, a restored backup, leaves that are gone, two histories; real nodes (I1, R13). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { test } from "node:test";
import {
  decideAddCheckpoint,
  FREEZE_V1,
  origin,
  parseAttestation,
  parseOrigin,
  parseVkey,
  publicFromSeed,
  readAddCheckpoint,
  readPrivateKey,
  record,
  signCheckpoint,
  signDomain,
  toVkey,
  verifyOwn,
} from "../../protocol/index.ts";
import type { Witnessed } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { serveHttp } from "../servers.ts";
import { startPeer } from "./processes.ts";
import type { Answer, PeerOptions, PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 240_000 };
const NETWORK = "e2e";
const [alice, next] = [builder("alice"), builder("next")];

const publishOf = (peer: PeerProcess, name: string): Promise<Answer> =>
  peer.publish(claim(alice, name, "bits"));
const codeOf = ({ status, body }: Answer): string =>
  status === 200 ? "ok" : record(body, "problem").string("code");

async function findings(peer: PeerProcess): Promise<number> {
  return record((await peer.get("/v1/findings?since=0")).body, "findings").list("findings", 99).length;
}

/** Three that follow alice, and alice with entries that all of them hold; stopped. */
async function published(...names: string[]): Promise<{
  readonly followers: readonly PeerProcess[];
  readonly options: PeerOptions;
  readonly dataDir: string;
  readonly origin: string;
}> {
  const hub = await startPeer({ followBuilders: [alice.hex] });
  const others = [0, 1].map(() => startPeer({ followBuilders: [alice.hex], bootstrap: hub.listen }));
  const followers = [hub, ...(await Promise.all(others))];
  const options: PeerOptions = {
    publishKey: alice.pem,
    bootstrap: followers.flatMap(({ listen }) => listen),
  };
  const a = await startPeer({ ...options, first: true });
  for (const name of names) assert.equal(codeOf(await publishOf(a, name)), "ok");
  for (const follower of followers)
    await until("all at the follower", async () => (await heldOf(follower, a.origin)) === names.length);
  await a.end("SIGTERM");
  return { followers, options, dataDir: a.dataDir, origin: a.origin };
}

async function keyFile(pem: string): Promise<string> {
  const path = join(await newFolder(), "feed.key");
  await writeFile(path, pem, { mode: 0o600 });
  return path;
}

async function recover(
  data: string,
  sources: readonly string[],
  { quarantine = "0s", more = [] }: { readonly quarantine?: string; readonly more?: readonly string[] } = {},
): Promise<Ran> {
  const key = await keyFile(alice.pem);
  const argv = ["feed", "recover", "--key", key, "--data", data, "--network", NETWORK, "--json"];
  return runCommand([...argv, "--quarantine", quarantine, ...sources, ...more]);
}

const bootstrapOf = (followers: readonly PeerProcess[]): string[] => [
  "--bootstrap",
  ...followers.flatMap(({ listen }) => listen),
];

function last({ objects, code, out, err }: Ran): Record<string, unknown> {
  return objects.at(-1) ?? assert.fail(`nothing printed: ${code} ${out} ${err}`);
}

test(
  "a disk that is gone: the feed comes back from others, and goes on at exactly its size",
  LIMIT,
  async () => {
    const { followers, options, origin: name } = await published("one", "two", "three");
    const dataDir = await newFolder();
    const ran = await recover(dataDir, bootstrapOf(followers), { quarantine: "2s" });
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual(
      { ...last(ran), root: null },
      { samebits: 1, event: "recovered", origin: name, size: 3, root: null, heard: 3 },
    );
    const steps = ran.objects.filter(({ event }) => event === "progress");
    assert.ok(steps.some(({ until: end }) => end !== null) && steps.every(({ forked }) => forked === false));
    const a = await startPeer({ ...options, dataDir });
    // What was published before is known under its index, and what is new follows it.
    const again = record((await publishOf(a, "two")).body, "answer")
      .list("entries", 1)[0]
      ?.record();
    assert.deepEqual([again?.boolean("known"), again?.integer("index", 0, 9)], [true, 1]);
    const fresh = record((await publishOf(a, "four")).body, "answer")
      .list("entries", 1)[0]
      ?.record();
    assert.deepEqual([fresh?.boolean("known"), fresh?.integer("index", 0, 9)], [false, 3]);
    for (const follower of followers) {
      await until("all at the follower", async () => (await heldOf(follower, name)) === 4);
      assert.equal(await findings(follower), 0);
    }
  },
);

test(
  "yesterday's backup, and one anchor: what is missing is fetched, what is there is kept",
  LIMIT,
  async () => {
    const { followers, options, dataDir, origin: name } = await published("one", "two");
    const backup = await newFolder();
    await cp(dataDir, backup, { recursive: true, preserveTimestamps: true });
    let a = await startPeer({ ...options, dataDir });
    assert.equal(codeOf(await publishOf(a, "three")), "ok");
    const [hub] = followers;
    assert.ok(hub !== undefined);
    await until("it at the hub", async () => (await heldOf(hub, name)) === 3);
    await a.end("SIGTERM");
    // As long as a node has the folder, nothing is recovered into it.
    const busy = await startPeer({ ...options, dataDir: backup });
    const locked = await recover(backup, bootstrapOf([hub]));
    assert.equal(locked.code, 73);
    assert.ok(locked.err.includes("store/locked"), locked.err);
    await busy.end("SIGTERM");
    const ran = await recover(backup, ["--anchor", ...hub.listen.slice(0, 1)]);
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual([last(ran)["event"], last(ran)["size"]], ["recovered", 3]);
    a = await startPeer({ publishKey: alice.pem, bootstrap: hub.listen, dataDir: backup });
    assert.equal(codeOf(await publishOf(a, "four")), "ok");
    await until("all at the hub", async () => (await heldOf(hub, name)) === 4);
    assert.equal(await findings(hub), 0);
  },
);

test(
  "nobody who holds it: nothing is recovered, interrupted it says so, and the key begins no feed there",
  LIMIT,
  async () => {
    const hub = await startPeer({ followBuilders: [next.hex] });
    const dataDir = await newFolder();
    const key = await keyFile(next.pem);
    const words = [
      "feed",
      "recover",
      "--key",
      key,
      "--data",
      dataDir,
      "--network",
      NETWORK,
      ...bootstrapOf([hub]),
    ];
    const child = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await until("it waits", async () => /0 of 3 sources heard.*waiting for more/.test(said));
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as unknown[];
    assert.equal(code, 69, said);
    assert.ok(said.includes("source/unfinished"), said);
    await assert.rejects(startPeer({ publishKey: next.pem, first: true, dataDir }), /begun here before/);
  },
);

test(
  "peers that know less than a witness: the feed does not go on below what was cosigned, and does where nothing is missing",
  LIMIT,
  async () => {
    const { followers, origin: name } = await published("one", "two");
    const vkey = parseVkey(toVkey(name, parseOrigin(name).key));
    // It decides as every witness does. Its last word is of a third entry, which reached nobody else.
    let cosigned: Witnessed = { size: 3, root: new Uint8Array(32).fill(7) };
    const url = await serveHttp((request, response) => {
      void request.toArray().then((chunks: readonly Uint8Array[]) => {
        const bytes = new Uint8Array(Buffer.concat(chunks));
        assert.deepEqual([request.method, request.url], ["POST", "/witness/add-checkpoint"]);
        const asked = readAddCheckpoint(bytes);
        const decided = decideAddCheckpoint(asked, [vkey], cosigned);
        assert.ok(decided.kind === "conflict" || decided.kind === "cosign", decided.kind);
        if (decided.kind === "cosign") response.end("— line\n");
        else response.writeHead(409, { "content-type": "text/x.tlog.size" }).end(`${decided.size}\n`);
      });
    });
    const dataDir = await newFolder();
    const words = ["--key", await keyFile(alice.pem), "--data", dataDir, "--network", NETWORK];
    const more = ["--quarantine", "0s", "--witness", `${url}/witness`, ...bootstrapOf(followers)];
    const argv = [LAUNCHER, "feed", "recover", ...words, ...more, "--json"];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, said] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const seen = '"witnesses":{"asked":1,"answered":1,"size":3,"other":false}';
    await until("the witness was heard", async () => out.includes(seen));
    await until("all is held", async () => /"held":2,.*"until":[0-9]+/.test(out));
    await setTimeout(2_000);
    assert.equal(child.exitCode, null, `${out} ${said}`);
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as unknown[];
    assert.equal(code, 69, said);
    assert.match(said, /a witness has cosigned 3 entries: look for who holds them/);

    // Of a size, and another history: that is for people to look into.
    cosigned = { size: 2, root: new Uint8Array(32).fill(9) };
    const stopped = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "ignore"] });
    let told = "";
    stopped.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()));
    await until("it is seen", async () => told.includes('"size":2,"other":true'));
    stopped.kill("SIGTERM");
    await once(stopped, "exit");

    cosigned = { size: 1, root: new Uint8Array(32).fill(5) };
    const ran = await recover(dataDir, bootstrapOf(followers), { more: ["--witness", `${url}/witness`] });
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual([last(ran)["event"], last(ran)["size"]], ["recovered", 2]);
  },
);

test(
  "a head whose entries are gone everywhere: it never goes on, and a successor is named",
  LIMIT,
  async () => {
    const { followers, options, dataDir, origin: name } = await published("one", "two");
    // The own-head file knows of three entries; the third had reached nobody when the disk was lost.
    const seed = readPrivateKey(alice.pem);
    const note = signCheckpoint(name, 3, new Uint8Array(32).fill(7), (bytes) => signDomain(seed, bytes));
    await writeFile(join(dataDir, "own-head", alice.hex), note);
    await rm(join(dataDir, "store"), { recursive: true });
    const sources = bootstrapOf(followers);
    const ran = await recover(dataDir, sources);
    assert.equal(ran.code, 66, ran.err);
    assert.ok(ran.err.includes("feed/unrecoverable"), ran.err);
    assert.match(ran.err, /--successor/);
    const successor = origin(NETWORK, publicFromSeed(readPrivateKey(next.pem)));
    const frozen = await recover(dataDir, sources, { more: ["--successor", successor] });
    assert.equal(frozen.code, 0, frozen.err);
    const told = last(frozen);
    assert.deepEqual(
      [told["event"], told["origin"], told["successor"], told["size"], told["held"]],
      ["frozen", name, successor, 3, 2],
    );
    const envelope = await readFile(String(told["statement"]));
    const attestation = parseAttestation(new Uint8Array(envelope.subarray(0, -1)));
    assert.equal(attestation.predicateType, FREEZE_V1);
    assert.ok(verifyOwn(attestation, publicFromSeed(seed)) !== null);
    await assert.rejects(startPeer({ ...options, dataDir }), /own-head\/frozen|frozen for good/);
    const again = await recover(dataDir, sources);
    assert.equal(again.code, 73);
    assert.ok(again.err.includes("own-head/frozen"), again.err);
    // The successor's feed carries the statement.
    const heir = await startPeer({ publishKey: next.pem, first: true });
    assert.equal((await heir.publish(new Uint8Array(envelope.subarray(0, -1)))).status, 200);
  },
);

test("two histories that the key has signed: it never goes on", LIMIT, async () => {
  const { followers, dataDir, origin: name } = await published("one", "two");
  const seed = readPrivateKey(alice.pem);
  const note = signCheckpoint(name, 2, new Uint8Array(32).fill(9), (bytes) => signDomain(seed, bytes));
  await writeFile(join(dataDir, "own-head", alice.hex), note);
  await rm(join(dataDir, "store"), { recursive: true });
  const ran = await recover(dataDir, bootstrapOf(followers));
  assert.equal(ran.code, 66, ran.err);
  assert.match(ran.err, /two histories/);
});
