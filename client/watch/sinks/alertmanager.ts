/** Prometheus' Alertmanager by its API v2: what goes on is said again and again, and what is over or acknowledged is said to have ended. */
import { SEVERITIES } from "../../../protocol/index.ts";
import type { Severity } from "../../../protocol/index.ts";
import type { Sink, Told } from "../../edges.ts";
import { post } from "./post.ts";

export interface AlertmanagerOptions {
  /** Of Alertmanager itself: `/api/v2/alerts` is added to it. */
  readonly url: URL;
  readonly allowPrivate: boolean;
  /** ms between two times that what goes on is said again. */
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;
/** It counts as over when it was not said again for so many times: a watch that ended says nothing. */
const MISSED = 5;
/** ms that a digest goes on: nobody says when it is over. */
const DIGEST_MS = 3_600_000;
/** Alerts in one request. */
const AT_ONCE = 100;

export function alertmanagerSink({ url, allowPrivate, everyMs = EVERY_MS }: AlertmanagerOptions): Sink {
  const place = new URL(`${url.href.replace(/\/$/, "")}/api/v2/alerts`);
  const send = async (alerts: readonly object[], signal: AbortSignal): Promise<void> => {
    for (let at = 0; at < alerts.length; at += AT_ONCE) {
      const body = JSON.stringify(alerts.slice(at, at + AT_ONCE));
      await post({ url: place, headers: {}, body, allowPrivate }, signal);
    }
  };
  return {
    name: `alertmanager ${url.href}`,
    wantsAll: true,
    deliver: (told, signal) => send(alertsOf(told, MISSED * everyMs), signal),
    repeat: {
      everyMs,
      say: (open, signal) =>
        send(
          open.map((told) => alertOf(told, told.severity, Date.now() + MISSED * everyMs)),
          signal,
        ),
    },
  };
}

/** Severity is a label, by which it is routed: of one that changed the others have ended. */
function alertsOf(told: Told, goesOnMs: number): readonly object[] {
  const now = Date.now();
  if (told.event === "digest") return [alertOf(told, told.severity, now + DIGEST_MS)];
  const current = alertOf(told, told.severity, told.state === "open" ? now + goesOnMs : now);
  if (told.change === "new") return [current];
  const others = SEVERITIES.filter((severity) => severity !== told.severity);
  return [current, ...others.map((severity) => alertOf(told, severity, now))];
}

function alertOf(told: Told, severity: Severity, endsAt: number): object {
  const { matter, kind, since, headline, sentences, check, purl, builders } = told;
  const [package_ = ""] = purl?.split("?") ?? [];
  return {
    labels: {
      alertname: "Samebits",
      kind,
      severity,
      matter,
      ...(package_ === "" ? {} : { package: package_ }),
    },
    annotations: {
      summary: headline,
      description: sentences.join(" "),
      builders: builders.join(", "),
      ...(check === null ? {} : { check }),
    },
    startsAt: new Date(Math.min(since, endsAt)).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
  };
}
