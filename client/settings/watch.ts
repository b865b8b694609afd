import type { Fields } from "./fields.ts";
import { webRule } from "./places.ts";

const SEVERITIES = ["info", "warning", "critical"] as const;

/** The table `[watch]`: each member is the option of `samebits watch` of that name. */
export interface WatchSettings {
  readonly webhook?: string | undefined;
  /** A file that is the secret: a configuration is read by many, and is printed. */
  readonly webhookSecret?: string | undefined;
  /** A program and its arguments; no shell. */
  readonly exec?: readonly string[] | undefined;
  readonly alertmanager?: string | undefined;
  readonly severity?: (typeof SEVERITIES)[number] | undefined;
  readonly installed?: string | undefined;
}

export const WATCH_DEFAULTS: { readonly severity: NonNullable<WatchSettings["severity"]> } = {
  severity: "info",
};

export function readWatch(fields: Fields): WatchSettings {
  const settings: WatchSettings = {
    webhook: fields.text("webhook", webRule),
    webhookSecret: fields.path("webhook_secret"),
    exec: readExec(fields),
    alertmanager: fields.text("alertmanager", webRule),
    severity: fields.oneOf("severity", SEVERITIES),
    installed: fields.text("installed"),
  };
  fields.done();
  return settings;
}

function readExec(fields: Fields): readonly string[] | undefined {
  const words = fields.list("exec");
  if (words?.length === 0)
    fields.shape("exec")?.fail("shape/out-of-range", "it is empty: name a program, or leave the line out");
  return words;
}
