import type { Writable } from "node:stream";
import { showable } from "../../protocol/index.ts";
import type { ClientError } from "../errors.ts";
import { failureLine } from "./failure-line.ts";
import { failureOf } from "./failure.ts";

/** Where a command writes: data to stdout, everything else to stderr (CONTRACT, "Commands"). */
export interface Printer {
  readonly json: boolean;
  /** Escape sequences may be used on stdout. */
  readonly color: boolean;
  /** One line of data. */
  data(line: string): void;
  /** One JSON object on a line. */
  object(value: object): void;
  /** A remark for people; nothing with --quiet. */
  note(line: string): void;
  /** Why the command will end with the status that it ends with: as an error that is thrown, with --quiet too. */
  error(error: ClientError): void;
  /** What went wrong though the command goes on: a remark that has its code. */
  failure(error: unknown): void;
  /** Only with --verbose. */
  detail(line: string): void;
  /** Shows what is going on once it has taken a second, on a terminal only; returns how to end it. */
  progress(text: () => string): () => void;
}

export interface PrintOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const PROGRESS_AFTER_MS = 1_000;
const PROGRESS_EVERY_MS = 250;

/** The printer of a command; `NO_COLOR` (no-color.org) and anything that is no terminal get no colour. */
export function openPrinter(options: PrintOptions): Printer {
  const json = options.json === true;
  const quiet = options.quiet === true;
  const color = !json && process.stdout.isTTY && !process.env["NO_COLOR"];
  const line = (stream: Writable, text: string): void => void stream.write(`${inert(text, color)}\n`);
  return {
    json,
    color,
    data: (text) => line(process.stdout, text),
    object: (value) => line(process.stdout, JSON.stringify(value)),
    note: (text) => void (quiet || line(process.stderr, text)),
    error: (error) => line(process.stderr, failureLine(failureOf(error), json)),
    failure: (error) => void (quiet || line(process.stderr, failureLine(failureOf(error), false))),
    detail: (text) => void (options.verbose === true && line(process.stderr, text)),
    progress: (text) => (quiet || !process.stderr.isTTY ? () => undefined : showProgress(text)),
  };
}

/** The colours that a verdict's label has, and their end; whatever else is an escape sequence may hide text. */
// oxlint-disable-next-line no-control-regex -- an escape sequence begins with one
const COLOR = /(\u001b\[(?:0|31|32|33)m)/;

/** Whoever's text is in a line, it moves no cursor, hides nothing and turns nothing around. */
function inert(text: string, color: boolean): string {
  if (!color) return showable(text);
  const parts = text.split(COLOR);
  return parts.map((part, i) => (i % 2 === 1 ? part : showable(part))).join("");
}

function showProgress(text: () => string): () => void {
  let shown = false;
  const started = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - started < PROGRESS_AFTER_MS) return;
    shown = true;
    process.stderr.write(`\r\u001b[K${showable(text())}`);
  }, PROGRESS_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) process.stderr.write("\r\u001b[K");
  };
}
