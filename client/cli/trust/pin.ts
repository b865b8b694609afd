import { join } from "node:path";
import type { Command } from "commander";
import { parseFingerprint } from "../../../protocol/index.ts";
import type { CommonOptions, Config } from "../../config.ts";
import type { TrustSource } from "../../edges.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { statOf } from "../../folder.ts";
import {
  addDomain,
  inRounds,
  isNewer,
  MESH,
  openKnownSource,
  openDomain,
  openTrustSource,
  updateDomain,
  pinnedDomain,
  placesSaid,
  problemOf,
  TrustStore,
} from "../../trust/index.ts";
import type { Domain, Updated } from "../../trust/index.ts";
import { beginBy } from "../../begin.ts";
import { addressRule, assertOption } from "../../settings/index.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { printDomain } from "./domain-shown.ts";
import { openPlaces } from "./places.ts";
import type { Places } from "./places.ts";

interface FromOptions extends CommonOptions {
  readonly from?: readonly string[];
  readonly bootstrap?: readonly string[];
}

const FROM = "--from <where...>";
const BOOTSTRAP = [
  "--bootstrap <multiaddr...>",
  "peers of the mesh to meet first (/ip4/…/tcp/…/p2p/…)",
] as const;

export function defineAdd(command: Command): void {
  addCommonOptions(command)
    .argument("[fingerprint]", "40 to 64 hex digits, from those whom you trust")
    .option(
      FROM,
      "where its documents are: https://…, a folder, a file of samebits trust export, mesh, or a peer of it (/ip4/…/p2p/…); with a fingerprint alone: mesh",
    )
    .option(...BOOTSTRAP)
    .addHelpText(
      "after",
      `
Without a fingerprint the source's word is taken, at first use: nothing shows then that it is the right domain. Compare the fingerprint.

Examples:
  samebits trust add 3f0c9a5d7e1b2c4d6f8091a2b3c4d5e6f708192a --from https://trust.example.org
  samebits trust add 3f0c9a5d7e1b2c4d6f8091a2b3c4d5e6f708192a --bootstrap /dnsaddr/mesh.example.org
  samebits trust add --from example.json`,
    )
    .action(async (fingerprint: string | undefined, options: FromOptions) => {
      const printer = openPrinter(options);
      const config = await configOf(options);
      const store = new TrustStore(config.data);
      const from = options.from ?? (fingerprint === undefined ? [] : [MESH]);
      if (from.length === 0)
        throw new ClientError(
          "usage/nothing-to-do",
          "name the domain's fingerprint, or where its documents are: --from https://…, a folder or a file",
        );
      const pin = fingerprint === undefined ? null : parseFingerprint(fingerprint);
      const places = await openPlaces(from, { config, fingerprint: pin, open: openTrustSource });
      const add = (sources: readonly TrustSource[]): Promise<Updated> =>
        addDomain(store, { fingerprint: pin, sources, now: Date.now() });
      // What the first of them show may be all that there is, or what a liar wants to be seen.
      const updated = await closing(places, () => inRounds(add, places, () => false));
      tell(updated, config, printer);
      if (updated.domain.state.verified) return;
      printer.note(
        `samebits: FIRST USE, unverified: whoever answered there chose this domain. Compare the fingerprint with its owners, then\n  samebits trust add ${updated.domain.state.domain}${(options.from ?? []).map((from) => ` --from ${from}`).join("")}`,
      );
    });
}

export function defineUpdate(command: Command): void {
  addCommonOptions(command)
    .argument("[fingerprint]", "the domain, or the beginning of it (default: all that are pinned)")
    .option(FROM, "where to look this time (default: where it was added from, and in the mesh)")
    .option(...BOOTSTRAP)
    .addHelpText(
      "after",
      "\nExamples:\n  samebits trust update\n  samebits trust update 3f0c9a5d --from /media/stick/example.json",
    )
    .action(async (fingerprint: string | undefined, options: FromOptions) => {
      const printer = openPrinter(options);
      const config = await configOf(options);
      const store = new TrustStore(config.data);
      const domains = fingerprint === undefined ? store.domains() : [pinnedDomain(store, fingerprint)];
      if (domains.length === 0)
        throw new ClientError(
          "trust/not-pinned",
          "no trust domain is pinned here: samebits trust add FINGERPRINT --from URL",
        );
      let failed: unknown = null;
      for (const domain of domains) {
        try {
          const before = openDomain(store, domain);
          const places = await placesOf(before, options.from, config, printer);
          const update = (sources: readonly TrustSource[]): Promise<Updated> =>
            updateDomain(store, domain, sources, Date.now());
          const updating = (): Promise<Updated> => inRounds(update, places, (now) => isNewer(before, now));
          tell(await closing(places, updating), config, printer);
        } catch (error) {
          if (failed !== null) printer.failure(failed);
          failed = error;
        }
      }
      if (failed instanceof Error) throw failed;
    });
}

export function defineRemove(command: Command): void {
  addCommonOptions(command)
    .argument("<fingerprint>", "the domain, or the beginning of it")
    .addHelpText("after", "\nExample:\n  samebits trust remove 3f0c9a5d")
    .action(async (fingerprint: string, options: CommonOptions) => {
      const printer = openPrinter(options);
      const store = new TrustStore((await openConfig(options)).data);
      const domain = pinnedDomain(store, fingerprint);
      await store.change(domain, () => Promise.resolve(store.remove(domain)));
      if (printer.json) printer.object({ samebits: 1, domain, removed: true });
      else printer.data(`removed: ${domain}`);
    });
}

function tell({ domain, failures }: Updated, { data }: Config, printer: Printer): void {
  printDomain(domain, Date.now(), printer);
  for (const failure of failures) printer.failure(failure);
  const owner = statOf(data)?.uid;
  if (owner !== undefined && owner !== process.geteuid?.())
    printer.note(
      `samebits: ${data} belongs to user ${owner}, whose node can't read what is written now: chown -R --reference=${data} ${join(data, "trust")}, and run this as that user the next time`,
    );
  const problem = problemOf(domain, Date.now());
  if (problem === null) return;
  printer.error(problem);
  process.exitCode = EXIT.policy;
}

async function configOf(options: FromOptions): Promise<Config> {
  assertOption("--bootstrap", options.bootstrap ?? [], addressRule);
  const config = await openConfig(options);
  return options.bootstrap === undefined ? config : { ...config, bootstrap: options.bootstrap };
}

/** Where the user says; else where the domain was added from, and, where peers are known, the mesh. */
async function placesOf(
  domain: Domain,
  from: readonly string[] | undefined,
  config: Config,
  printer: Printer,
): Promise<Places> {
  const fingerprint = domain.state.domain;
  if (from !== undefined) return openPlaces(from, { config, fingerprint, open: openTrustSource });
  const begin = { places: placesSaid(domain), named: domain.state.from };
  const { config: filled, warnings } = await beginBy(config, begin);
  for (const warning of warnings) printer.note(`samebits: ${warning}`);
  const places = domain.state.from.filter((place) => place !== MESH);
  const isAlone = places.length === 0;
  const all = filled.bootstrap.length > 0 || isAlone ? [...places, MESH] : places;
  const opened = await openPlaces(all, { config: filled, fingerprint, open: openKnownSource });
  // Beside other places it is no failure that nobody in the mesh carries it.
  return isAlone ? opened : { ...opened, failures: [] };
}

async function closing(places: Places, use: () => Promise<Updated>): Promise<Updated> {
  try {
    const [failure] = places.failures;
    if (places.sources.length === 0 && failure !== undefined) throw failure;
    const updated = await use();
    return { ...updated, failures: [...places.failures, ...updated.failures] };
  } finally {
    await places.close();
  }
}
