import type { Command } from "commander";
import { fromDecimal, fromUtf8, MAX_ACKNOWLEDGEMENT_BYTES, utf8 } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import { followedPolicies } from "../policy-file.ts";
import { needRunningNode } from "../source/index.ts";
import type { NodeApi } from "../source/index.ts";
import { AlertList } from "../watch/index.ts";
import type { ListedAlert } from "../watch/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

interface ListOptions extends CommonOptions {
  readonly policy?: string;
  readonly since?: string;
  readonly until?: string;
  readonly all?: boolean;
}

/** Digits of an id that say which one is meant, at least. */
const MIN_DIGITS = 8;

export function define(command: Command): void {
  command.addHelpText(
    "after",
    '\nExamples:\n  samebits alert list\n  samebits alert ack 3f9a11c2 --note "asked bob, his disk was full"',
  );
  const list = command
    .command("list")
    .summary("what goes on, each matter once")
    .description("List what a running node has found, each matter once, the newest last.");
  addPolicyOption(addCommonOptions(list))
    .option("--since <number>", "only findings after this number")
    .option("--until <number>", "only findings up to this number")
    .option("--all", "also what is over, and what somebody has seen to")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits alert list\n  samebits alert list --since 64 --until 10000 --all",
    )
    .action(listAlerts);
  const show = command
    .command("show")
    .summary("one of them in plain words, or its proof")
    .description("Say what an alert means, what is proven, and how to check it; or print its proof.");
  addPolicyOption(addCommonOptions(show))
    .argument("<id>", "as `list`, `watch` and the dashboard show it, or the beginning of it")
    .option("--evidence", "print the proof alone, as a file that `evidence check` takes")
    .addHelpText("after", "\nExample:\n  samebits alert show 3f9a11c2 --evidence > evidence.json")
    .action(showAlert);
  const ack = command
    .command("ack")
    .summary("note that somebody has seen to it")
    .description(
      "Acknowledge an alert: nobody is told of it again, unless it gets worse. Needs the node's token.",
    );
  addCommonOptions(ack)
    .argument("<id>", "as `list`, `watch` and the dashboard show it, or the beginning of it")
    .requiredOption("--note <text>", "what was found out, for whoever looks next")
    .addHelpText("after", '\nExample:\n  samebits alert ack 3f9a11c2 --note "asked bob, his disk was full"')
    .action(acknowledge);
}

function addPolicyOption(command: Command): Command {
  return command.option(
    "--policy <file>",
    "names and severities by this policy (default: the configuration's)",
  );
}

async function listAlerts(options: ListOptions): Promise<void> {
  const printer = openPrinter(options);
  const [since, until] = [
    numberOf("--since", options.since, 0),
    numberOf("--until", options.until, Infinity),
  ];
  const alerts = await alertsOf(options, { since, until });
  const shown = options.all === true ? alerts : alerts.filter(({ state }) => state === "open");
  for (const alert of shown) {
    if (printer.json) printer.object(alert.object);
    else
      printer.data(
        `${alert.id.slice(0, MIN_DIGITS)}  ${alert.severity.padEnd(8)}  ${alert.state.padEnd(12)}  ${alert.headline}`,
      );
  }
  const hidden = alerts.length - shown.length;
  if (hidden > 0) printer.note(`samebits: ${hidden} more are over or acknowledged (--all)`);
  if (alerts.length === 0) printer.note("samebits: nothing was found");
}

async function showAlert(id: string, options: ListOptions & { readonly evidence?: boolean }): Promise<void> {
  const printer = openPrinter(options);
  const alerts = await alertsOf(options, { since: 0, until: Infinity });
  const alert = alerts.find((one) => isOf(id, one)) ?? (await findAlone(id, options));
  if (options.evidence === true) {
    if (alert.evidence === null)
      throw new ClientError("input/missing", `${id}: a node's own observation, of which there is no proof`);
    // A proof ends with its own line feed.
    process.stdout.write(fromUtf8(alert.evidence));
    return;
  }
  if (printer.json) {
    printer.object(alert.object);
    return;
  }
  printer.data(`${alert.severity}: ${alert.headline}`);
  for (const line of alert.sentences) printer.data(`  ${line}`);
  if (alert.note !== null) printer.data(`  Acknowledged: ${alert.note}`);
  for (const line of alert.text) printer.data(line);
  if (alert.check !== null) printer.data(`Check it yourself: ${alert.check}`);
}

async function acknowledge(id: string, options: CommonOptions & { readonly note: string }): Promise<void> {
  const printer = openPrinter(options);
  const { note } = options;
  if (utf8(note).length > MAX_ACKNOWLEDGEMENT_BYTES)
    throw new ClientError("usage/bad-option", `--note: at most ${MAX_ACKNOWLEDGEMENT_BYTES} octets`);
  const { api } = await needRunningNode(await openConfig(options));
  const whole = await wholeId(id, api);
  await api.acknowledge(whole, note);
  const time = (await api.acknowledged(whole))?.time ?? null;
  const acknowledged = { time: time === null ? null : new Date(time).toISOString(), note };
  if (printer.json) printer.object({ samebits: 1, id: whole, acknowledged });
  else
    printer.data(`${whole.slice(0, MIN_DIGITS)} is acknowledged: nobody is told again, unless it gets worse`);
}

async function alertsOf(
  options: ListOptions,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<readonly ListedAlert[]> {
  const config = await openConfig(options);
  const now = Date.now();
  const policies = await followedPolicies(config, options.policy, now);
  const { api } = await needRunningNode(config);
  const list = new AlertList(policies?.all[0]?.policy ?? null, now);
  for await (const finding of api.kept(since)) {
    if (finding.number > until) break;
    await list.take(finding);
  }
  return list.all();
}

/** A finding that has joined another's alert, by itself. */
async function findAlone(id: string, options: ListOptions): Promise<ListedAlert> {
  const config = await openConfig(options);
  const { api } = await needRunningNode(config);
  const whole = await wholeId(id, api);
  const policies = await followedPolicies(config, options.policy, Date.now());
  const list = new AlertList(policies?.all[0]?.policy ?? null, Date.now());
  for await (const finding of api.kept(0)) if (finding.id === whole) await list.take(finding);
  const [alert] = await list.all();
  if (alert === undefined) throw noSuchAlert(id);
  return alert;
}

function isOf(id: string, alert: ListedAlert): boolean {
  const matter = "matter" in alert.object ? String(alert.object.matter) : "";
  return id.length >= MIN_DIGITS && (alert.id.startsWith(id) || matter.startsWith(id));
}

/** The id of the one finding that begins like this. Throws `usage/bad-option`. */
async function wholeId(id: string, api: NodeApi): Promise<string> {
  if (!/^[0-9a-f]{8,64}$/.test(id))
    throw new ClientError(
      "usage/bad-option",
      `${id}: the first ${MIN_DIGITS} to 64 digits of an id, as samebits alert list shows it`,
    );
  const ids = new Set<string>();
  for await (const finding of api.kept(0)) if (finding.id.startsWith(id)) ids.add(finding.id);
  const [only, ...more] = ids;
  if (only === undefined) throw noSuchAlert(id);
  if (more.length > 0)
    throw new ClientError("usage/bad-option", `${id}: ${ids.size} begin like this: give more digits`);
  return only;
}

function noSuchAlert(id: string): ClientError {
  return new ClientError(
    "input/missing",
    `${id}: the node has found nothing with this id: see samebits alert list --all`,
  );
}

function numberOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[0-9]{1,15}$/.test(text)) return fromDecimal(text);
  throw new ClientError("usage/bad-option", `${option} ${text}: the number of a finding`);
}
