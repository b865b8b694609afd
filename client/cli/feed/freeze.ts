import type { Command } from "commander";
import { buildFreeze, counted, origin, originHash, parseAttestation } from "../../../protocol/index.ts";
import { publish, seal } from "../../attest/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { openKeyFile, signerOf } from "../../keys/index.ts";
import { addCommonOptions } from "../options.ts";
import { findFeed, open } from "./known.ts";
import { assertOther, readSuccessor } from "./successor.ts";

interface Options extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly successor?: string;
  readonly reason: string;
}

export function defineFreeze(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--key <file>", "the feed's private key")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .requiredOption("--reason <text>", "one line for people")
    .option("--successor <origin>", "the feed that goes on in its stead (default: none does)")
    .addHelpText(
      "after",
      `
Publishes, as the last entry of the node's own feed, a statement by its key that it has ended. The node takes no more entries then, for good.
What the feed holds counts as before. The successor is a hint for people: it counts where a policy lists its key.
A feed whose entries are lost is frozen by samebits feed recover --successor.

Examples:
  samebits feed freeze --key old.key --successor samebits/main/41c0… --reason "moved to a new key"
  samebits feed freeze --key old.key --reason "this rebuilder was switched off"`,
    )
    .action(freeze);
}

async function freeze(options: Options): Promise<void> {
  const { config, running, printer } = await open(options);
  const { signer } = await openKeyFile(options.key, options.passphraseFile);
  const name = origin(config.network, signer.publicKey);
  const successor = options.successor === undefined ? null : readSuccessor(options.successor);
  assertOther(successor, name);
  if (running.status.own?.origin !== name)
    throw new ClientError(
      "usage/bad-option",
      `--key ${options.key}: the feed of the node at ${running.api.name} is ${running.status.own?.origin ?? "none"}, not ${name}`,
    );
  const { size } = await findFeed(running, name);
  const said = { origin: name, size, held: size, successor, reason: options.reason, time: Date.now() };
  const { envelope } = await seal(buildFreeze(originHash(name), said), signerOf(signer));
  const [entry] = await publish([parseAttestation(envelope)], running.api);
  const index = entry?.index ?? size;
  if (printer.json) printer.object({ samebits: 1, origin: name, index, successor, reason: options.reason });
  else printer.data(`frozen: ${name}, as its entry ${index}`);
  const behind = index - size;
  if (behind > 0)
    printer.note(`samebits: ${counted(behind, "entry")} came in before it meanwhile, and count as well`);
  printer.note("samebits: tell those who count you: trust moves by their policies only");
}
