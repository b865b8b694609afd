/** The description of the HTTP interface: what is served is described, what is described is served. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openLog } from "../../../node/log.ts";
import { openApi } from "../../../node/api/openapi.ts";
import { buildApp } from "../../../node/api/server.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import { DESCRIBED, SPEC } from "../../json-schemas.ts";

test("every route that is served is described, and the reverse", async () => {
  const log = await openLog("silent");
  const door = { local: true, apiPublic: true, hosts: null };
  const options = { listen: null, socket: null, token: "", apiPublic: true, hosts: [] as string[], log };
  const app = buildApp({} as ApiNode, options, door, new AbortController().signal);
  const served = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}").replace(/\*$/, "{path}")}`);
  assert.deepEqual(served.toSorted(), DESCRIBED.toSorted());
});

test("its schemas are those of protocol/spec, and every reference leads to one", async () => {
  const document = await openApi();
  const { schemas } = document["components"] as { schemas: Record<string, object> };
  for (const [name, schema] of Object.entries(schemas)) {
    const text = readFileSync(join(SPEC, `${name}.schema.json`), "utf8");
    const { $schema: _, $id: __, ...own } = JSON.parse(text) as Record<string, unknown>;
    const back = JSON.stringify(schema)
      .replaceAll(`"#/components/schemas/${name}/`, '"#/')
      .replaceAll(/"#\/components\/schemas\/([a-z-]+)(\/[^"]*)?"/g, (_, file, at: string | undefined) =>
        JSON.stringify(`${file}-1.json${at === undefined ? "" : `#${at}`}`),
      );
    assert.deepEqual(JSON.parse(back), own, name);
  }
  for (const [, target = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let place: unknown = document;
    for (const word of target.split("/")) place = (place as Record<string, unknown>)[word];
    assert.equal(typeof place, "object", target);
  }
});
