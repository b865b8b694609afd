import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { HeadView, StatusResult } from "../../protocol/index.ts";
import { isAhead, timeOfTimed } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";
import { findingCounts } from "./finding-counts.ts";
import { isComplete } from "./views.ts";

/** Of this process: memory, processor, handles, lag of the event loop. Collected from the first time on that anybody asks. */
let ofProcess: Registry | null = null;

/** prom-client's totals that are no counters; `nodejs_active_resources` and its kin say the same by kind. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** Ages of heads by which feeds are counted: a head is an hour old at most while its key signs (RULES R10), and too old for a verdict after a week. */
const AGES = [
  ["1h", 3_600],
  ["1d", 86_400],
  ["7d", 604_800],
] as const;

/** What `GET /metrics` shows (docs/operator.md says what each tells). */
export async function metricsOf(node: ApiNode): Promise<Registry> {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    for (const name of MISNAMED) ofProcess.removeSingleMetric(name);
  }
  const own = new Registry();
  const asked = performance.now();
  const status = await node.status();
  const answered = (performance.now() - asked) / 1_000;
  addInfo(own, node, answered);
  await addDisk(own, node);
  await addFindings(own, node);
  addAges(own, status, Date.now());
  addGauges(own, node, status);
  addPeers(own, node);
  addFeeds(own, status.feeds);
  addTraffic(own, node);
  addCounters(own, status);
  return Registry.merge([ofProcess, own]);
}

function gaugeOf(registry: Registry, name: string, help: string, labelNames: readonly string[] = []): Gauge {
  return new Gauge({ name: `samebits_${name}`, help, labelNames, registers: [registry] });
}

function addInfo(registry: Registry, { version, network }: ApiNode, answered: number): void {
  const labels = { version, node: process.versions.node, network };
  gaugeOf(registry, "build_info", "1; its labels say what runs", Object.keys(labels)).set(labels, 1);
  gaugeOf(
    registry,
    "engine_answer_seconds",
    "how long the engine took to answer this question: what waits before it, and the answer",
  ).set(answered);
}

async function addDisk(registry: Registry, node: ApiNode): Promise<void> {
  const disk = await node.disk();
  if (disk === null) return;
  gaugeOf(registry, "store_bytes", "octets of the store's files").set(disk.store);
  gaugeOf(registry, "disk_free_bytes", "octets that can still be written on the disk of the data").set(
    disk.free,
  );
  if (disk.files !== null)
    gaugeOf(registry, "disk_free_files", "files that can still be made there").set(disk.files);
}

async function addFindings(registry: Registry, node: ApiNode): Promise<void> {
  const { found, open } = await findingCounts(node);
  const all = new Counter({
    name: "samebits_findings_by_kind_total",
    help: "findings so far, by kind",
    labelNames: ["kind"],
    registers: [registry],
  });
  const left = gaugeOf(registry, "findings_open", "findings of which nobody has taken note, by kind", [
    "kind",
  ]);
  for (const [kind, count] of found) {
    all.inc({ kind }, count);
    left.set({ kind }, open.get(kind) ?? 0);
  }
}

/** How old heads are, by their own keys' time lines. */
function addAges(registry: Registry, { feeds, own }: StatusResult, now: number): void {
  const counts = gaugeOf(
    registry,
    "feeds_by_head_age",
    "feeds known, by class and age of the newest head: at most 1h, 1d, 7d, older, or of unknown age",
    ["class", "age"],
  );
  for (const { class: kind, timed, origin } of feeds) {
    const age = timed === null ? null : ageOf(1_000 * timeOfTimed(timed), now);
    const [name] = AGES.find(([, most]) => age !== null && age <= most) ?? [
      age === null ? "unknown" : "older",
    ];
    counts.inc({ class: kind, age: name });
    if (origin === own?.origin && age !== null)
      gaugeOf(registry, "own_feed_head_age_seconds", "age of the own feed's newest head").set(age);
  }
}

/** In seconds; null of a time ahead of this clock, which says nothing (RULES R10). */
function ageOf(time: number, now: number): number | null {
  return isAhead(time, now) ? null : Math.max(0, (now - time) / 1_000);
}

function addGauges(registry: Registry, node: ApiNode, status: StatusResult): void {
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name: `samebits_${name}`, help, registers: [registry] }).set(value);
  const sum = (field: "held" | "size"): number =>
    status.feeds.reduce((total, feed) => total + feed[field], 0);
  gauge("healthy", "1 while data can be read and written, else 0", node.trouble() === null ? 1 : 0);
  gauge(
    "feeds_complete",
    "feeds held and looked through, up to a timed head",
    status.feeds.filter(isComplete).length,
  );
  gauge("feed_entries", "feed entries held", sum("held"));
  gauge("feed_entries_wanted", "feed entries in all accepted heads", sum("size"));
  gauge("sync_feeds", "feeds of which entries are being fetched", status.sync.feeds);
  gauge("sync_entries_missing", "entries that are to be fetched of them", status.sync.missing);
  gauge("sync_entries_per_second", "entries stored a second over the last ten", status.sync.rate);
  gauge("audit_entries", "entries whose signature the audit has looked at", status.audit.audited);
  gauge("audit_entries_left", "entries that it has still to look at", status.audit.left);
  gauge("claims", "claims indexed", status.claims);
  gauge("records", "DHT records kept for others", status.records);
  if (status.witness !== null) {
    gauge("witness_open", "1 while the witness cosigns, else 0", status.witness.state === "open" ? 1 : 0);
    gauge("witness_feeds", "feeds of which the witness has cosigned a head", status.witness.cosigned.size);
  }
  if (status.own === null) return;
  gauge("sweep_records_wanted", "records of the own feed that belong in the DHT", status.sweep.wanted);
  gauge("sweep_records_stored", "of these, records that somebody keeps", status.sweep.stored);
  gauge("sweep_behind_seconds", "how late storing them again is", status.sweep.behind);
  gauge("own_feed_entries", "entries of the own feed under a signed head", status.own.size);
  gauge(
    "own_feed_open",
    "1 while the own feed can be published to, else 0",
    status.own.state === "open" ? 1 : 0,
  );
}

function addPeers(registry: Registry, node: ApiNode): void {
  const peers = new Gauge({
    name: "samebits_connections",
    help: "connections, by who called",
    labelNames: ["direction"],
    registers: [registry],
  });
  for (const direction of ["in", "out"] as const) {
    peers.set({ direction }, node.peers().filter((peer) => peer.direction === direction).length);
  }
}

function addFeeds(registry: Registry, all: readonly HeadView[]): void {
  const feeds = new Gauge({
    name: "samebits_feeds",
    help: "feeds known, by class and state",
    labelNames: ["class", "state"],
    registers: [registry],
  });
  for (const feed of all) feeds.inc({ class: feed.class, state: feed.state });
}

function addTraffic(registry: Registry, node: ApiNode): void {
  const counter = (name: string, help: string, labels: readonly string[]): Counter =>
    new Counter({ name: `samebits_${name}`, help, labelNames: labels, registers: [registry] });
  const rounds = "own questions one after the other, each asked when the one before had ended";
  counter("question_rounds_total", rounds, []).inc(node.traffic.rounds);
  const questions = counter("questions_total", "questions on streams, by who asked", ["asker", "stream"]);
  const octets = counter("question_bytes_total", "octets of questions and of their answers, without frames", [
    "asker",
    "stream",
    "part",
  ]);
  for (const { asker, stream, questions: count, asked, answered } of node.traffic.all()) {
    questions.inc({ asker, stream }, count);
    octets.inc({ asker, stream, part: "question" }, asked);
    octets.inc({ asker, stream, part: "answer" }, answered);
  }
}

function addCounters(registry: Registry, { findings, counters }: StatusResult): void {
  new Counter({ name: "samebits_findings_total", help: "findings so far", registers: [registry] }).inc(
    findings,
  );
  const events = new Counter({
    name: "samebits_events_total",
    help: "what the engine counted since the start, by stable code: gossip judged, questions refused, entries taken in, failures",
    labelNames: ["code"],
    registers: [registry],
  });
  for (const [code, count] of counters) events.inc({ code }, count);
}
