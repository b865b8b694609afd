import { copyFile, readFile, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { counted, readJson, record, utf8 } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { castActors, startActor, writeConfig, writePolicy } from "./cast.ts";
import type { Actor } from "./cast.ts";
import { rebuildUsrmerge } from "./rebuild.ts";
import type { Running, Stage } from "./stage.ts";
import type { Tally } from "./tally.ts";

const PATIENCE_MS = 15_000;
const POLL_MS = 250;
const MAX_LINE_BYTES = 1024 * 1024;
const EXIT_BY_VERDICT = { reproduced: 0, contradicted: 1, pending: 2 } as const;

type Expected = keyof typeof EXIT_BY_VERDICT;

/** The demo's file of that name. */
function artefact(name: string): string {
  return join(fileURLToPath(new URL("./artefacts", import.meta.url)), name);
}

/** Plays the whole demo. Throws `demo/unexpected` as soon as something comes out otherwise than it must. */
export async function play(stage: Stage, tally: Tally): Promise<void> {
  tally.say(
    "samebits: a mesh of separate processes on this machine, over loopback. Files and the two rebuilderd",
  );
  tally.say("attestations are real; the other keys and operators were made up for this demo, just now.");
  const rebuilding = rebuildUsrmerge(stage, artefact);
  rebuilding.catch(() => undefined);
  const actors = await castActors(stage);
  await writePolicy(stage, actors, artefact);
  const watcher = await openMesh(stage, actors, tally);
  const rebuilt = await rebuilding;
  await attestAll(stage, actors, rebuilt.path, rebuilt.words, tally);
  const alert = await awaitAlert(stage, watcher, tally);
  await checkAlert(stage, alert, tally);
  await judgeAll(stage, rebuilt.path, tally);
  tally.show();
}

async function openMesh(stage: Stage, actors: readonly Actor[], tally: Tally): Promise<Running> {
  tally.say("");
  tally.say(
    "1  Three rebuilders, and one liar whom the policy trusts as much, start their nodes. A watcher follows them.",
  );
  const [first, ...others] = actors;
  if (first === undefined) throw unexpected("there is nobody to play");
  await writeConfig(stage, await startActor(stage, first));
  tally.add("processes");
  await Promise.all(
    others.map(async (actor) => {
      await startActor(stage, actor);
      tally.add("processes");
    }),
  );
  const watcher = stage.start(["watch", "--data", stage.path("watcher"), "--since", "0", "--json"]);
  watcher.first.catch(() => undefined);
  tally.add("processes");
  for (const { name, operator } of actors) tally.say(`   ${name.padEnd(11)} ${operator}`);
  tally.show();
  return watcher;
}

async function attestAll(
  stage: Stage,
  actors: readonly Actor[],
  usrmerge: string,
  words: string,
  tally: Tally,
): Promise<void> {
  const [university, foundation, company, mallory] = actors;
  if (
    university === undefined ||
    foundation === undefined ||
    company === undefined ||
    mallory === undefined
  ) {
    throw unexpected("somebody is missing");
  }
  tally.say("");
  tally.say(`2  Debian's usrmerge: ${words}.`);
  await Promise.all([university, foundation, company].map((actor) => attest(stage, actor, usrmerge, tally)));
  tally.say("   All three rebuilders sign the same digest and publish it; gossip and the DHT carry it.");
  tally.say("3  The liar changes one bit of the package and signs that.");
  await writeFile(stage.path("usrmerge-tampered.deb"), await tampered(usrmerge));
  await attest(stage, mallory, stage.path("usrmerge-tampered.deb"), tally);
  tally.say(
    "4  fcgiwrap, rebuilt with another compiler than the archive's, really comes out different (real files).",
  );
  await attest(stage, university, artefact("fcgiwrap.archive.deb"), tally);
  await attest(stage, foundation, artefact("fcgiwrap.rebuilt-gcc+deb12u1.deb"), tally);
  tally.say(
    "5  Attestations that reproduce.debian.net and reproducible.archlinux.org really signed are carried as they are.",
  );
  for (const link of ["librust-as-slice-dev_0.2.1-1+b2_amd64", "filesystem-2025.10.12-1-any"]) {
    await succeed(stage, ["publish", artefact(`${link}.in-toto.link`), "--data", university.data]);
    tally.add("attestations");
  }
  tally.show();
}

async function attest(stage: Stage, actor: Actor, file: string, tally: Tally): Promise<void> {
  const { key, data, name } = actor;
  await succeed(stage, [
    "attest",
    file,
    "--key",
    key,
    "--data",
    data,
    "-o",
    stage.path("envelopes", name),
    "--publish",
  ]);
  tally.add("attestations");
}

/** The same package with one bit of its last octet changed: what it says of itself stays. */
async function tampered(path: string): Promise<Uint8Array> {
  const bytes = Uint8Array.from(await readFile(path));
  const last = bytes.length - 2;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes;
}

/** The watcher's alert about usrmerge, whose evidence convicts nobody but shows who says what. */
async function awaitAlert(stage: Stage, watcher: Running, tally: Tally): Promise<string> {
  tally.say("");
  tally.say("6  The watcher sees builders contradict each other.");
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const alerts = watcher.lines.filter((line) => line.includes('"disagreement"'));
    const files = ["usrmerge_", "fcgiwrap_"].map((name) => alerts.find((line) => line.includes(name)));
    const [usrmerge, fcgiwrap] = files;
    if (usrmerge !== undefined && fcgiwrap !== undefined) {
      tally.add("alerts", alerts.length);
      for (const line of new Set([usrmerge, fcgiwrap, ...alerts]))
        tally.say(`   ALERT ${describeAlert(line)}`);
      await writeFile(stage.path("evidence.json"), `${evidenceOf(usrmerge)}\n`);
      return stage.path("evidence.json");
    }
    if (performance.now() > until)
      throw unexpected(`the watcher told of ${counted(alerts.length, "contradiction")} only`);
    await wait(POLL_MS);
  }
}

function describeAlert(line: string): string {
  const alert = record(readJson(utf8(line), { maxBytes: MAX_LINE_BYTES }), "alert");
  const builders = alert.list("builders", 16).map(({ value }) => (typeof value === "string" ? value : "?"));
  return `${alert.string("kind")} of ${builders.sort().join(" and ")} on ${alert.record("target").string("file")}`;
}

/** The text of an alert's last member, its evidence. */
function evidenceOf(line: string): string {
  return JSON.stringify((JSON.parse(line) as { readonly evidence: unknown }).evidence);
}

async function checkAlert(stage: Stage, path: string, tally: Tally): Promise<void> {
  const { stdout } = await succeed(stage, ["evidence", "check", path]);
  tally.say(
    "   The alert carries its proof, which anybody can check alone and offline: samebits evidence check",
  );
  for (const line of stdout.trim().split("\n")) tally.say(`     ${short(stage, line)}`);
  tally.show();
}

async function judgeAll(stage: Stage, usrmerge: string, tally: Tally): Promise<void> {
  tally.say("");
  tally.say(
    "7  A client starts last, knows one address and the policy, and asks about files that it downloaded.",
  );
  await copyFile(usrmerge, stage.path("usrmerge.deb"));
  const files: readonly (readonly [string, Expected])[] = [
    [stage.path("usrmerge.deb"), "reproduced"],
    [artefact("filesystem-2025.10.12-1-any.pkg.tar.zst"), "reproduced"],
    [stage.path("usrmerge-tampered.deb"), "contradicted"],
    [artefact("fcgiwrap.archive.deb"), "contradicted"],
    [artefact("librust-as-slice-dev_0.2.1-1+b2_amd64.deb"), "pending"],
  ];
  tally.add("processes");
  for (const [file, expected] of files) await judge(stage, file, expected, tally);
}

async function judge(stage: Stage, file: string, expected: Expected, tally: Tally): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const ran = await stage.samebits(["verify", file, "--data", stage.path("client")]);
    if (ran.status === EXIT_BY_VERDICT[expected]) {
      tally.add(expected);
      tally.say(`   ${expected.toUpperCase()}`);
      for (const line of ran.stdout.trim().split("\n").slice(1)) tally.say(`   ${short(stage, line)}`);
      return;
    }
    if (performance.now() > until) {
      throw unexpected(
        `${file} should be ${expected}, verify ended with ${ran.status}: ${ran.stdout}${ran.stderr}`,
      );
    }
    await wait(POLL_MS);
  }
}

/** A command's line without the demo's folder, and with as much of a digest as tells them apart. */
function short(stage: Stage, line: string): string {
  return line.replaceAll(`${stage.folder}/`, "").replace(/[0-9a-f]{64}/g, (hex) => `${hex.slice(0, 8)}…`);
}

async function succeed(stage: Stage, args: readonly string[]): Promise<{ readonly stdout: string }> {
  const ran = await stage.samebits(args);
  if (ran.status === 0) return ran;
  throw unexpected(`samebits ${args.join(" ")} ended with ${ran.status}: ${ran.stderr}`);
}

function unexpected(why: string): ClientError {
  return new ClientError("demo/unexpected", `the demo went wrong: ${why}`);
}
