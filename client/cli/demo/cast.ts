import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parsePublicKey, readJson, record, toHex, utf8 } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import type { Running, Stage } from "./stage.ts";

export const NETWORK = "demo";
const MAX_READY_BYTES = 16_384;
const MAX_ADDRESSES = 16;

/** One rebuilder of the demo: a key, an operator, a node. */
export interface Actor {
  readonly name: string;
  readonly operator: string;
  /** Its private key's file. */
  readonly key: string;
  /** Its node's data folder. */
  readonly data: string;
  readonly origin: string;
  readonly publicPem: string;
}

export const CAST: readonly (readonly [name: string, operator: string])[] = [
  ["university", "Example University"],
  ["foundation", "Example Foundation"],
  ["company", "Example Company"],
  ["mallory", "Mallory Ltd"],
];

/** Makes a key for each of the cast. */
export async function castActors(stage: Stage): Promise<readonly Actor[]> {
  return Promise.all(
    CAST.map(async ([name, operator]) => {
      const { status, stderr } = await stage.samebits(["keygen", name, "--out", stage.path("keys")]);
      if (status !== 0)
        throw new ClientError(
          "demo/unexpected",
          `the demo went wrong: keygen ended with ${status}: ${stderr.trim()}`,
        );
      const publicPem = await readFile(stage.path("keys", `${name}.pub`), "utf8");
      const origin = `samebits/${NETWORK}/${toHex(parsePublicKey(publicPem).raw)}`;
      return {
        name,
        operator,
        key: stage.path("keys", `${name}.key`),
        data: stage.path(name),
        origin,
        publicPem,
      };
    }),
  );
}

/** Writes the policy that everybody in the demo has, and a configuration that names it. */
export async function writePolicy(
  stage: Stage,
  actors: readonly Actor[],
  artefact: (name: string) => string,
): Promise<void> {
  const carrier = actors[0]?.origin ?? "";
  const own = actors.map(({ name, operator, publicPem, origin }) =>
    builder(name, publicPem, operator, "rebuilder", origin),
  );
  const debian = await readFile(artefact("reproduce-debian-net-amd64.pub"), "utf8");
  const arch = await readFile(artefact("reproducible-archlinux.pub"), "utf8");
  const text = `version = 1

${own.join("\n")}
${builder("reproduce-debian-net", debian, "reproduce.debian.net", "rebuilder", carrier)}
${builder("reproducible-archlinux", arch, "reproducible.archlinux.org", "arch", carrier)}
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = "role:rebuilder", distinct = "operator" }
on_contradiction = "majority"

[[rules]]
name = "arch"
match = "pkg:alpm/arch/*"
require = { k = 1, of = "role:arch" }
`;
  await mkdir(stage.path("config", "samebits"), { recursive: true });
  await writeFile(stage.path("policy.toml"), text);
  await writeConfig(stage, []);
}

/** The configuration of all commands of the demo. */
export async function writeConfig(stage: Stage, bootstrap: readonly string[]): Promise<void> {
  const lines = [
    `network = "${NETWORK}"`,
    `policy = ${JSON.stringify(stage.path("policy.toml"))}`,
    `bootstrap = ${JSON.stringify(bootstrap)}`,
    `deb_namespace = "debian"`,
  ];
  await writeFile(stage.path("config", "samebits", "config.toml"), `${lines.join("\n")}\n`);
}

function builder(name: string, pem: string, operator: string, role: string, feed: string): string {
  return `[builders.${name}]
key = '''
${pem.trim()}
'''
operator = "${operator}"
roles = ["${role}"]
feeds = ["${feed}"]
`;
}

/** Starts an actor's node; resolves to the addresses that it listens on. */
export async function startActor(stage: Stage, actor: Actor): Promise<readonly string[]> {
  const running: Running = stage.start([
    "node",
    `--data=${actor.data}`,
    `--publish-key=${actor.key}`,
    "--first",
    "--listen=/ip4/127.0.0.1/tcp/0",
    "--api-listen=none",
    "--quiet",
  ]);
  const ready = record(readJson(utf8(await running.first), { maxBytes: MAX_READY_BYTES }), "ready");
  return ready.list("listen", MAX_ADDRESSES).map((item) => item.string());
}
