import { readFile } from "node:fs/promises";
import type { JsonItem, JsonRecord } from "./views.ts";

export type SchemaName =
  | "parts"
  | "status"
  | "peers"
  | "feeds"
  | "policies"
  | "picture"
  | "matrix"
  | "traffic"
  | "targets"
  | "finding"
  | "findings"
  | "evidence-list"
  | "query"
  | "found"
  | "envelopes"
  | "appended"
  | "acknowledgement"
  | "acknowledged"
  | "noted"
  | "problem";

/** The schemas of `protocol/spec/` that speak of this interface, and what these are made of. */
const FILES: Readonly<Record<SchemaName, URL>> = {
  parts: new URL("../../protocol/spec/parts.schema.json", import.meta.url),
  status: new URL("../../protocol/spec/status.schema.json", import.meta.url),
  peers: new URL("../../protocol/spec/peers.schema.json", import.meta.url),
  feeds: new URL("../../protocol/spec/feeds.schema.json", import.meta.url),
  policies: new URL("../../protocol/spec/policies.schema.json", import.meta.url),
  picture: new URL("../../protocol/spec/picture.schema.json", import.meta.url),
  matrix: new URL("../../protocol/spec/matrix.schema.json", import.meta.url),
  traffic: new URL("../../protocol/spec/traffic.schema.json", import.meta.url),
  targets: new URL("../../protocol/spec/targets.schema.json", import.meta.url),
  finding: new URL("../../protocol/spec/finding.schema.json", import.meta.url),
  findings: new URL("../../protocol/spec/findings.schema.json", import.meta.url),
  "evidence-list": new URL("../../protocol/spec/evidence-list.schema.json", import.meta.url),
  query: new URL("../../protocol/spec/query.schema.json", import.meta.url),
  found: new URL("../../protocol/spec/found.schema.json", import.meta.url),
  envelopes: new URL("../../protocol/spec/envelopes.schema.json", import.meta.url),
  appended: new URL("../../protocol/spec/appended.schema.json", import.meta.url),
  acknowledgement: new URL("../../protocol/spec/acknowledgement.schema.json", import.meta.url),
  acknowledged: new URL("../../protocol/spec/acknowledged.schema.json", import.meta.url),
  noted: new URL("../../protocol/spec/noted.schema.json", import.meta.url),
  problem: new URL("../../protocol/spec/problem.schema.json", import.meta.url),
};

/**
 * The schemas by name, to stand in one document: without what names a file of its own, and with every reference to
 * where `pointerTo` says that the schema of that name stands.
 */
export async function schemasFor(pointerTo: (name: string) => string): Promise<JsonRecord> {
  const named = await Promise.all(
    Object.entries(FILES).map(async ([name, file]) => {
      const { $schema, $id, ...schema } = JSON.parse(await readFile(file, "utf8")) as JsonRecord;
      if (typeof $schema !== "string" || typeof $id !== "string") throw new TypeError(`${name} is no schema`);
      return [name, withReferences(schema, (target) => moved(target, name, pointerTo))] as const;
    }),
  );
  return Object.fromEntries(named);
}

function withReferences(item: JsonItem, move: (target: string) => string): JsonItem {
  if (isList(item)) return item.map((each) => withReferences(each, move));
  if (item === null || typeof item !== "object") return item;
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      name === "$ref" && typeof value === "string" ? move(value) : withReferences(value, move),
    ]),
  );
}

/** `parts-1.json#/$defs/x` names another file, `#/$defs/x` a place in the same one. */
function moved(target: string, own: string, pointerTo: (name: string) => string): string {
  const [file = "", pointer = ""] = target.split("#", 2);
  return pointerTo(file === "" ? own : file.replace(/-1[.]json$/, "")) + pointer;
}

function isList(item: JsonItem): item is readonly JsonItem[] {
  return Array.isArray(item);
}
