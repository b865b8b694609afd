/** docs/examples: rules, their tests, configuration and dashboard for Prometheus and Grafana, held against what a node really shows. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { openMetrics } from "../node/api/metrics-of.ts";
import { lacks } from "../programs.ts";
import { newFolder } from "../node/folder.ts";

const EXAMPLES = join(import.meta.dirname, "../../docs/examples");
const read = (name: string): string => readFileSync(join(EXAMPLES, name), "utf8");
const skip = lacks("promtool");

function promtool(words: readonly string[], input = ""): void {
  const { status, stdout, stderr } = spawnSync("promtool", words, { cwd: EXAMPLES, input, encoding: "utf8" });
  assert.equal(status, 0, `promtool ${words.join(" ")}: ${stdout}${stderr}`);
}

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const dashboard = JSON.parse(read("grafana.json")) as Dashboard;
const QUERIES = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const RULES = [...read("alerts.yml").matchAll(/^ +expr: (.+)$/gm)].map(([, expr = ""]) => expr);
const metricsIn = (text: string): readonly string[] =>
  text.match(/\b(?:samebits|nodejs|process)_[a-z0-9_]+/g) ?? [];

describe("what Prometheus and Grafana are given", () => {
  let metrics = "";
  before(async () => {
    metrics = await openMetrics();
  });

  test("the metrics keep Prometheus's conventions", { skip }, () => promtool(["check", "metrics"], metrics));

  test("every metric of ours has its HELP and TYPE, and a counter alone ends with _total", () => {
    const types = new Map(
      [...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
    );
    for (const [name, type] of types) {
      assert.match(metrics, new RegExp(`^# HELP ${name} .`, "m"), name);
      if (name.startsWith("samebits_")) assert.equal(name.endsWith("_total"), type === "counter", name);
    }
  });

  test("every metric of rules and dashboard is one that a node shows", () => {
    const shown = new Set([...metrics.matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name));
    const used = [...QUERIES, ...RULES].flatMap(metricsIn);
    assert.ok(used.length > 20);
    for (const name of used) assert.ok(shown.has(name), name);
  });

  test("every rule and every metric of ours is in the document", () => {
    const page = readFileSync(join(EXAMPLES, "../operator.md"), "utf8");
    for (const [, name = ""] of metrics.matchAll(/^# TYPE (samebits_\S+) /gm))
      assert.ok(page.includes(`\`${name}`), name);
  });

  test("the rules and the configuration are good, and alert when they should", { skip }, () => {
    promtool(["check", "config", "prometheus.yml"]);
    promtool(["check", "rules", "alerts.yml"]);
    promtool(["test", "rules", "alerts.test.yml"]);
  });

  test("every rule is tried", () => {
    const tried = read("alerts.test.yml");
    const names = [...read("alerts.yml").matchAll(/- alert: (\S+)/g)].map(([, name = ""]) => name);
    assert.equal(names.length, RULES.length);
    for (const name of names) assert.ok(tried.includes(`- alertname: ${name}\n`), name);
  });

  test("Prometheus can read the dashboard's queries", { skip }, async () => {
    const rules = QUERIES.map(
      (expr, at) =>
        `      - { record: "query:q${at}", expr: ${JSON.stringify(expr.replaceAll("$instance", ".*"))} }`,
    );
    const file = join(await newFolder(), "queries.yml");
    await writeFile(file, ["groups:", "  - name: dashboard", "    rules:", ...rules, ""].join("\n"));
    promtool(["check", "rules", file]);
  });

  test("no two panels of the dashboard lie on each other, and each shows something", () => {
    const { panels } = dashboard;
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const { title, gridPos: a, targets, id } of panels) {
      assert.ok(title !== "" && targets.length > 0 && a.x + a.w <= 24, title);
      for (const { gridPos: b, id: other } of panels)
        if (id < other)
          assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, title);
    }
  });
});
