/**
 * `npm run bench [-- NAME…] [-- --json] [-- --write]`: measures, and holds the figures against their targets; ends with 1 where one is
 * missed. With `--write` it writes them into BENCHMARKS.md.
 */
import { parseArgs } from "node:util";
import { alertLatency } from "./alert-latency.ts";
import { apt } from "./apt.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { isMet } from "./figure.ts";
import { dashboard } from "./dashboard.ts";
import { demo } from "./demo.ts";
import { dht } from "./dht.ts";
import { ingest } from "./ingest.ts";
import { describeMachine } from "./machine.ts";
import { laptop } from "./laptop.ts";
import { layout } from "./layout.ts";
import { load } from "./load.ts";
import { mesh } from "./mesh.ts";
import { missing } from "./missing.ts";
import { asJson, asLine, record } from "./report.ts";
import { publish } from "./publish.ts";
import { scale } from "./scale.ts";
import { store } from "./store.ts";
import { sync } from "./sync.ts";
import { unsign } from "./unsign.ts";
import { verify } from "./verify.ts";

const USUAL: readonly Benchmark[] = [
  demo,
  verify,
  apt,
  ingest,
  store,
  publish,
  sync,
  missing,
  mesh,
  alertLatency,
  dht,
  load,
  unsign,
  layout,
];
/** Run only where they are named: they take long. */
const NAMED: readonly Benchmark[] = [scale, laptop, dashboard];
const ALL: readonly Benchmark[] = [...USUAL, ...NAMED];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !ALL.some((each) => each.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: no ${unknown.join(", ")}; there are ${ALL.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(64);
}
if (values.write && positionals.length > 0) {
  process.stderr.write("bench: --write goes with all benchmarks: BENCHMARKS.md holds one run of them\n");
  process.exit(64);
}
const figures: Figure[] = [];
const wanted =
  positionals.length === 0 ? USUAL : ALL.filter((benchmark) => positionals.includes(benchmark.name));
for (const benchmark of wanted) {
  const found = await benchmark.run((line) => process.stderr.write(`${benchmark.name}: ${line}\n`));
  figures.push(...found);
  for (const figure of found) console.log(values.json ? asJson(figure) : asLine(figure));
}
if (values.write) record(figures, describeMachine(), new Date().toISOString().slice(0, 10));
process.exit(figures.every((figure) => isMet(figure) !== false) ? 0 : 1);
