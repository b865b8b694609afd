/** Where `watch` sends alerts: its options, as a command line or a configuration gives them, as sinks. */
import type { Command } from "commander";
import { SEVERITIES } from "../../protocol/index.ts";
import type { Severity } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { Sink } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { assertOption, webRule } from "../settings/index.ts";
import type { WatchSettings } from "../settings/index.ts";
import { alertmanagerSink, execSink, webhookSink } from "../watch/index.ts";

/** Plain values: a configuration file may give them as well. */
export interface SinkOptions {
  readonly webhook?: readonly string[];
  readonly webhookSecret?: string;
  /** Each a program and its arguments, divided by spaces. */
  readonly exec?: readonly string[] | string;
  /** One program and its arguments, one by one. */
  readonly argv?: readonly string[];
  readonly alertmanager?: readonly string[];
  readonly severity?: string;
  readonly allowPrivate?: boolean;
}

/** What of `watch` a configuration may say beneath the command line. */
interface WithSettings extends SinkOptions {
  readonly installed?: string;
}

const MIN_SECRET_BYTES = 16;
const MAX_SECRET_BYTES = 1_024;
/** Each follows the node's findings by itself, and a node has only so many streams of them. */
const MAX_SINKS = 16;

export function addSinkOptions(command: Command): Command {
  return command
    .option("--webhook <url...>", "POST each alert there as JSON")
    .option("--webhook-secret <file>", "sign what is posted with this secret (HMAC-SHA256)")
    .option(
      "--exec <cmd>",
      "run this for each alert, without a shell, the alert on its standard input; may be given again",
      (cmd: string, before: readonly string[] | undefined) => [...(before ?? []), cmd],
    )
    .option("--alertmanager <url...>", "tell this Prometheus Alertmanager")
    .option("--severity <level>", "tell only what weighs so much: info, warning, critical (default: info)")
    .option("--allow-private", "names of sinks may lead to private addresses");
}

/** The options, and where they say nothing what the configuration's table `[watch]` says. */
export function withSettings<Options extends WithSettings>(options: Options, watch: WatchSettings): Options {
  const { webhook, webhookSecret, exec, alertmanager, severity, installed } = watch;
  return {
    ...(webhook === undefined ? {} : { webhook: [webhook] }),
    ...(webhookSecret === undefined ? {} : { webhookSecret }),
    ...(exec === undefined || options.exec !== undefined ? {} : { argv: exec }),
    ...(alertmanager === undefined ? {} : { alertmanager: [alertmanager] }),
    ...(severity === undefined ? {} : { severity }),
    ...(installed === undefined ? {} : { installed }),
    ...options,
  };
}

/** Throws `usage/bad-option`, `input/…`. */
export function openSinks(options: SinkOptions): readonly Sink[] {
  const allowPrivate = options.allowPrivate === true;
  const secret = options.webhookSecret === undefined ? null : readSecret(options.webhookSecret);
  if (secret !== null && (options.webhook ?? []).length === 0)
    throw new ClientError("usage/bad-option", "--webhook-secret signs for a --webhook, and there is none");
  const sinks = [
    ...(options.webhook ?? []).map((text) =>
      webhookSink({ url: readUrl("--webhook", text), secret, allowPrivate }),
    ),
    ...[options.exec ?? []].flat().map((text) => execSink(named(text.split(" ").filter(Boolean)))),
    ...(options.argv === undefined ? [] : [execSink(named(options.argv))]),
    ...(options.alertmanager ?? []).map((text) =>
      alertmanagerSink({ url: readUrl("--alertmanager", text), allowPrivate }),
    ),
  ];
  if (sinks.length > MAX_SINKS)
    throw new ClientError("usage/bad-option", `${sinks.length} places to tell: at most ${MAX_SINKS}`);
  return sinks;
}

/** Throws `usage/bad-option`. */
export function readSeverity(text: string | undefined): Severity {
  const level = SEVERITIES.find((severity) => severity === (text ?? "info"));
  if (level !== undefined) return level;
  throw new ClientError("usage/bad-option", `--severity ${text}: use ${SEVERITIES.join(", ")}`);
}

function readUrl(option: string, text: string): URL {
  assertOption(option, [text], webRule);
  return new URL(text);
}

function named(words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new ClientError("usage/bad-option", "--exec: name a program");
  return words;
}

/** The file without a line feed at its end. */
function readSecret(path: string): Uint8Array {
  const octets = readWhole(path, MAX_SECRET_BYTES);
  const end = octets.at(-1) === 0x0a ? octets.length - 1 : octets.length;
  if (end < MIN_SECRET_BYTES) {
    throw new ClientError(
      "usage/bad-option",
      `--webhook-secret ${path}: ${end} octets are easily guessed: make it with \`openssl rand -hex 32\``,
    );
  }
  return octets.subarray(0, end);
}
