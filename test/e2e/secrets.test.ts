/** What only one machine may know stands in nothing that a node or a watch writes, at the log's loudest, not even where it cannot be used. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Key, readPrivateKey, toBase64, toHex, toPkcs8Pem, toSpkiPem } from "../../protocol/index.ts";
import { atEnd } from "../at-end.ts";
import { LAUNCHER } from "../built.ts";
import { runCommand } from "../client/cli/run.ts";
import { startReceiver } from "../client/watch/receiver.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { askSocket } from "./socket.ts";

const PASSPHRASE = "correct horse battery staple";
const WEBHOOK_SECRET = "0123456789abcdef0123456789abcdef";
const WRONG_TOKEN = "a-token-that-somebody-guessed";
const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];

test("no secret is in what is written", { timeout: 60_000 }, async () => {
  const folder = await newFolder();
  const file = (name: string): string => join(folder, name);
  await writeFile(file("passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
  await writeFile(file("secret"), `${WEBHOOK_SECRET}\n`, { mode: 0o600 });
  await runCommand(["keygen", "own", "--out", folder, "--passphrase-file", file("passphrase")]);
  await writeFile(file("witness.key"), toPkcs8Pem(carol.seed), { mode: 0o600 });
  await writeFile(file("policy.toml"), policyOf());
  const { url, received } = await startReceiver(() => 500);
  const config = [
    'data = "data"',
    'network = "e2e"',
    "[node]",
    'listen = ["none"]',
    'api_listen = "none"',
    'publish_key = "own.key"',
    'witness_key = "witness.key"',
    'passphrase_file = "passphrase"',
    'log = "debug"',
    "[watch]",
    `webhook = "${url.href}"`,
    'webhook_secret = "secret"',
  ];
  await writeFile(file("config.toml"), config.join("\n"));

  const node = start(folder, "node", "--first");
  const socket = join(folder, "data", "api.sock");
  await until("it answers", async () => {
    try {
      return (await askSocket(socket, "GET", "/healthz", "", null)).status === 200;
    } catch {
      return false;
    }
  });
  const token = (await readFile(join(folder, "data", "token"), "utf8")).trim();
  const watch = start(folder, "watch", "--since", "0");
  for (const [bits, by] of [
    ["these", alice],
    ["those", bob],
  ] as const) {
    const body = JSON.stringify({ envelopes: [toBase64(claim(by, "hello", bits))] });
    for (const one of [WRONG_TOKEN, token])
      assert.equal(
        (await askSocket(socket, "POST", "/v1/attestations", one, body)).status,
        one === token ? 200 : 401,
      );
  }
  await until("the watch has tried", async () => Promise.resolve(received.length > 0));
  // What cannot be used: the passphrase of another key, a key that anybody may read, a broken one.
  await writeFile(file("passphrase"), "another passphrase\n");
  node.child.kill("SIGHUP");
  await until("it looked", async () => Promise.resolve(node.written().includes("config-")));
  const ended = await Promise.all([watch, node].map((one) => one.end()));
  await chmod(file("witness.key"), 0o644);
  await writeFile(file("broken.key"), toPkcs8Pem(alice.seed).replace("MC4", "MD4"));
  const runs = [
    await runCommand(["doctor", "--config", file("config.toml"), "--verbose"]),
    await runCommand(["keygen", "own", "--out", folder]),
    await runCommand([
      "attest",
      file("policy.toml"),
      "--key",
      file("broken.key"),
      "--purl",
      "pkg:generic/x@1",
    ]),
    await runCommand(["config", "show", "--config", file("config.toml")]),
  ];

  const written = [...ended, ...runs.flatMap(({ out, err }) => [out, err])].join("\n");
  assert.match(written, /"event":"config-refused"/);
  await writeFile(file("passphrase"), `${PASSPHRASE}\n`);
  for (const [name, secret] of secretsOf(token))
    assert.ok(!written.includes(secret), `${name} is in what was written`);
});

/** The secrets of this test, in each writing in which they might come out. */
function secretsOf(token: string): readonly (readonly [string, string])[] {
  const seeds = [alice.seed, bob.seed, carol.seed].flatMap((seed) => [
    ["a key in hex", toHex(seed)] as const,
    ["a key in base64", Buffer.from(seed).toString("base64").slice(0, 40)] as const,
    ["a PEM", toPkcs8Pem(seed).split("\n")[1] ?? ""] as const,
  ]);
  assert.deepEqual(readPrivateKey(toPkcs8Pem(alice.seed)), alice.seed);
  return [
    ...seeds,
    ["the passphrase", PASSPHRASE],
    ["the other passphrase", "another passphrase"],
    ["the secret of the webhook", WEBHOOK_SECRET],
    ["the token", token],
    ["a token that was guessed", WRONG_TOKEN],
    ["an encrypted key", "BEGIN ENCRYPTED"],
    ["a private key", "PRIVATE KEY-----"],
  ];
}

interface Started {
  readonly child: ReturnType<typeof spawn>;
  readonly written: () => string;
  /** Ends it; all that it wrote. */
  readonly end: () => Promise<string>;
}

function start(folder: string, ...words: readonly string[]): Started {
  const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const child = spawn(process.execPath, [LAUNCHER, ...words, "--config", join(folder, "config.toml")], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEnd(() => void child.kill("SIGKILL"));
  let all = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (all += part));
  const closed = once(child, "close");
  return {
    child,
    written: () => all,
    end: async () => {
      child.kill("SIGTERM");
      await closed;
      return all;
    },
  };
}

function policyOf(): string {
  const builders = Object.entries({ alice, bob }).map(
    ([name, { raw }]) => `[builders.${name}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(raw)))}`,
  );
  const rule = '[[rules]]\nname = "all"\nmatch = "pkg:*/*/*"\nrequire = { k = 1, of = ["alice", "bob"] }\n';
  return ["version = 1", ...builders, rule].join("\n");
}
