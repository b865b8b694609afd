import type { Command } from "commander";
import { buildFreeze, counted, origin, originHash, toHex } from "../../../protocol/index.ts";
import type { Recovered, RecoveryProgress } from "../../../node/index.ts";
import { seal } from "../../attest/index.ts";
import type { CommonOptions, Config } from "../../config.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { openKeyFile, openKeyPem, signerOf } from "../../keys/index.ts";
import { parseDuration } from "../duration.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { sourcesOf } from "../sources.ts";
import { stopSignal } from "../stop-signal.ts";
import { assertOther, readSuccessor } from "./successor.ts";

interface Options extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly listen: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly mirror?: readonly string[];
  readonly anchor?: readonly string[];
  readonly witness?: readonly string[];
  readonly quarantine: string;
  readonly successor?: string;
}

export function defineRecover(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--key <file>", "the feed's private key")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .option("--listen <multiaddr...>", "addresses to listen on while it waits, so that others find it", [
      "none",
    ])
    .option("--bootstrap <multiaddr...>", "peers to meet first (/ip4/…/tcp/…/p2p/…, /dnsaddr/…)")
    .option("--mirror <url...>", "copies of the feed in static files: https://HOST/PATH, http://…, file:DIR")
    .option("--anchor <who...>", "whose word is enough: a peer (/ip4/…/p2p/…, or its id) or a mirror")
    .option(
      "--witness <url...>",
      "witnesses that must have cosigned no more (https://HOST/witness, tlog-witness)",
    )
    .option("--quarantine <time>", "how long nothing newer may turn up: 30s, 10m, 24h, 2d", "24h")
    .option("--successor <origin>", "if the feed cannot be recovered, freeze it for good and name this one")
    .addHelpText(
      "after",
      `
For a lost disk, a restored backup, or a store that does not join its own head; the node must not run. Collects the largest head that the
key has signed from peers, mirrors, the DHT and what is left here, fetches all entries below it, checks every other head that anybody shows, and waits.
Witnesses are asked which size they have cosigned: below that it never goes on. Nothing is signed. Interrupted, it goes on where it was. Afterwards start the node as before, without --first.

Three sources must have shown heads of the feed, or one named with --anchor. Where entries are nowhere to be had any more, or two
histories were signed, the feed never goes on: with --successor that is signed, as a statement to be published in the new feed.

Exit codes: 0 recovered, or frozen with --successor; 66 it cannot be recovered; 69 interrupted before the end.

Examples:
  samebits feed recover --key tu.key --bootstrap /dnsaddr/mesh.example.org
  samebits feed recover --key tu.key --anchor https://example.org/feeds/tu --quarantine 1h`,
    )
    .action(recover);
}

async function recover(options: Options): Promise<void> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  const quarantineMs = parseDuration("--quarantine", options.quarantine);
  const successor = options.successor === undefined ? null : readSuccessor(options.successor);
  const publishKey = await openKeyPem(options.key, options.passphraseFile);
  const { defaultConfig, recoverFeed } = await import("../../../node/index.ts");
  const nodeConfig = {
    ...defaultConfig(config.data),
    ...sourcesOf(options.anchor ?? [], options.bootstrap ?? config.bootstrap, options.mirror ?? []),
    network: config.network,
    listen: options.listen.length === 1 && options.listen[0] === "none" ? [] : options.listen,
    publishKey,
    log: options.verbose === true ? "debug" : "silent",
  } as const;
  const telling = openTelling(printer);
  let result: Recovered;
  try {
    const stop = stopSignal();
    result = await recoverFeed(nodeConfig, {
      quarantineMs,
      witnesses: options.witness ?? [],
      stop,
      progress: telling.progress,
    });
  } finally {
    telling.ended();
  }
  if (result.outcome === "recovered") tellRecovered(printer, result);
  else if (result.outcome === "stopped") throw unfinished(result);
  else if (successor === null) throw unrecoverable(result);
  else await freeze(printer, config, options, result, successor);
  process.exitCode = EXIT.ok;
}

/** Shows how far it is: on a terminal all the time, else, and as JSON, whenever something changes. */
function openTelling(printer: Printer): {
  readonly progress: (progress: RecoveryProgress) => void;
  readonly ended: () => void;
} {
  let line = "collecting …";
  return {
    ended: printer.progress(() => line),
    progress: (progress) => {
      const text = wordsOf(progress);
      if (text === line) return;
      line = text;
      if (printer.json) printer.object({ samebits: 1, event: "progress", ...factsOf(progress) });
      else printer.note(`samebits: ${text}`);
    },
  };
}

function wordsOf(progress: RecoveryProgress): string {
  const { heard, needed, size, held, forked, withheld, until, recalled } = progress;
  if (forked) return "two histories of the feed were signed";
  const sources = `${heard} of ${needed} ${needed === 1 ? "anchor" : "sources"} heard`;
  const entries = `${held} of ${counted(size, "entry")} held`;
  const waits =
    until !== null
      ? `quarantine until ${new Date(until).toISOString()}`
      : recalled
        ? "waiting for more of those who hold it"
        : "the DHT is being asked";
  return `${sources}, ${entries}${withheld ? " (nobody hands out the rest)" : ""}${witnessWords(progress)}, ${waits}`;
}

function witnessWords({
  witnesses: { asked, answered, size, other },
  size: known,
}: RecoveryProgress): string {
  if (asked === 0) return "";
  if (other) return ", a witness has cosigned another history: ask its operator what";
  if (size > known) return `, a witness has cosigned ${counted(size, "entry")}: look for who holds them`;
  return `, ${answered} of ${counted(asked, "witness", "witnesses")} heard`;
}

function factsOf({
  heard,
  needed,
  size,
  held,
  forked,
  withheld,
  until,
  witnesses,
}: RecoveryProgress): object {
  const { asked, answered, size: cosigned, other } = witnesses;
  const told = asked === 0 ? {} : { witnesses: { asked, answered, size: cosigned, other } };
  return { heard, needed, size, held, forked, withheld, until, ...told };
}

function tellRecovered(printer: Printer, { origin: name, head, last }: Recovered): void {
  if (head === null) return;
  if (printer.json) {
    const { size, root } = head;
    printer.object({
      samebits: 1,
      event: "recovered",
      origin: name,
      size,
      root: toHex(root),
      heard: last.heard,
    });
    return;
  }
  printer.data(`recovered: ${name}, ${counted(head.size, "entry")}, checked whole`);
  printer.note("samebits: start the node as before, without --first; it goes on at exactly this size");
}

function unfinished({ last }: Recovered): ClientError {
  return new ClientError(
    "source/unfinished",
    `the feed is not recovered yet: ${wordsOf(last)}; run the same command again, it goes on where it was`,
  );
}

function whyOf({ outcome, last }: Recovered): string {
  return outcome === "forked"
    ? "its key has signed two histories"
    : `its key has signed ${counted(last.size, "entry")}, and from ${counted(last.held, "entry")} on nobody has them any more`;
}

function unrecoverable(result: Recovered): ClientError {
  return new ClientError(
    "feed/unrecoverable",
    `${result.origin} never goes on: ${whyOf(result)}. Make a new key (samebits keygen), begin its feed, and run this again with --successor and the new ` +
      "feed's origin; or look for a copy that has more, and name it with --mirror or --bootstrap",
  );
}

/** Signs that the feed has ended, and which one goes on. */
async function freeze(
  printer: Printer,
  config: Config,
  options: Options,
  result: Recovered,
  successor: string,
): Promise<void> {
  const { signer } = await openKeyFile(options.key, options.passphraseFile);
  const name = origin(config.network, signer.publicKey);
  assertOther(successor, name);
  const { size, held } = result.last;
  const reason = whyOf(result);
  const time = Date.now();
  const statement = buildFreeze(originHash(name), { origin: name, size, held, successor, reason, time });
  const { envelope } = await seal(statement, signerOf(signer));
  const { freezeFeed } = await import("../../../node/index.ts");
  const path = await freezeFeed(config.data, signer.publicKey, envelope);
  if (printer.json) {
    printer.object({
      samebits: 1,
      event: "frozen",
      origin: name,
      successor,
      size,
      held,
      reason,
      statement: path,
    });
    return;
  }
  printer.data(`frozen: ${name}, ${held} of ${counted(size, "entry")} held: ${reason}`);
  printer.data(`statement: ${path}`);
  printer.note(
    `samebits: publish it at the node of ${successor} (samebits publish FILE), and tell those who count you: trust moves by their policies only`,
  );
}
