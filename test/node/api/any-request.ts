/** Requests out of the description of the interface: as it says, with parts exchanged, and hostile. */
import fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { openApi } from "../../../node/api/openapi.ts";
import type { RawRequest } from "./raw-client.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "header";
}

/** A route of the description. */
export interface Described {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly takes: { readonly type: string; readonly schema: Schema } | null;
  readonly needsToken: boolean;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly security?: readonly unknown[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DOCUMENT = JSON.parse(JSON.stringify(await openApi())) as Document;
/** A body is as large as the interface takes one, or a little larger. */
const LARGE = 1_100_000;

export const ROUTES: readonly Described[] = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { parameters = [], requestBody, security }]): Described => {
    const [takes] = Object.entries(requestBody?.content ?? {});
    return {
      method: method.toUpperCase(),
      path,
      parameters,
      takes: takes === undefined ? null : { type: takes[0], schema: takes[1].schema },
      needsToken: security !== undefined,
    };
  }),
);

/** What a node has that a request may ask for. */
export interface Known {
  readonly token: string;
  /** Values that mean something here, whatever parameter they are given for. */
  readonly values: readonly string[];
}

/** Text that programs stumble over. */
export const NASTY: readonly string[] = [
  "",
  "\u0000",
  "\u001b[2J\u001b]0;title\u0007",
  "\u202Egpj.exe",
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "..%2f..%2f",
  "%",
  "%zz",
  "%00",
  "%ff%fe",
  "__proto__",
  "constructor",
  "toString",
  "\ud800",
  "\ufeff",
  "ﷺ".repeat(200),
  "-1",
  "1e308",
  "9007199254740993",
  "99999999999999999999999999",
  "0x10",
  "NaN",
  "pkg:deb/debian/a@1?arch=amd64",
  "pkg:deb/debian/%2e%2e/a@1",
  "a".repeat(7_000),
  "*",
  "$(id)",
  "{{7*7}}",
];

const anyText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
);

/** A value as a schema has it, or near enough. */
function valueOf(schema: Schema, depth = 0): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valueOf(resolved(schema.$ref), depth + 1);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueOf(choice, depth)));
  const [type] = [schema.type ?? "object"].flat();
  switch (type) {
    case "string":
      return schema.pattern === undefined ? anyText : fc.stringMatching(new RegExp(schema.pattern));
    case "integer":
    case "number":
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 2_000) });
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(depth > 8 ? fc.constant(null) : valueOf(schema.items ?? {}, depth + 1), {
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case "null":
      return fc.constant(null);
    default:
      return objectOf(schema, depth);
  }
}

function objectOf({ properties = {}, required = [] }: Schema, depth: number): Arbitrary<unknown> {
  const members = Object.entries(properties).map(
    ([name, schema]) => [name, valueOf(schema, depth + 1)] as const,
  );
  return fc.record(Object.fromEntries(members), {
    requiredKeys: Object.keys(properties).filter((name) => required.includes(name)),
  });
}

function resolved(ref: string): Schema {
  let place: unknown = DOCUMENT;
  for (const word of ref.split("/").slice(1)) place = (place as Record<string, unknown>)[word];
  return place as Schema;
}

/** JSON that is none of that, or no JSON. */
const hostileJson: Arbitrary<Uint8Array> = fc.oneof(
  fc.jsonValue().map((value) => utf8(JSON.stringify(value))),
  fc
    .constantFrom(
      "",
      "{",
      "null",
      '"\\ud800"',
      '{"a":1,"a":2}',
      '{"__proto__":{"polluted":1}}',
      '{"targets":[1e999]}',
      '{"sha256":[null,true,-0,1.5]}',
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      `{"targets":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`,
      `{"sha256":[${'"00",'.repeat(100_000)}"00"]}`,
      `{"note":"${"x".repeat(LARGE)}"}`,
      `{"builders":["${"0".repeat(200_000)}"]}`,
      '{"envelopes":["' + "A".repeat(300_000) + '"]}',
      "\ufeff{}",
    )
    .map(utf8),
  fc.uint8Array({ maxLength: 200 }),
);

/** The body of a route: as described, with one member exchanged, or hostile. */
function bodyOf(route: Described): Arbitrary<Uint8Array | null> {
  if (route.takes === null) return fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, hostileJson);
  const good = valueOf(route.takes.schema);
  const changed = fc.tuple(good, anyText, fc.jsonValue()).map(([value, name, other]) => {
    if (value === null || typeof value !== "object") return other;
    const names = Object.keys(value);
    const which = names.length === 0 ? name : (names[name.length % names.length] ?? name);
    return { ...value, [which]: other };
  });
  const octets = (value: unknown): Uint8Array =>
    utf8(typeof value === "string" ? value : JSON.stringify(value));
  return fc.oneof(
    { weight: 3, arbitrary: good.map(octets) },
    { weight: 2, arbitrary: changed.map(octets) },
    hostileJson,
  );
}

/** A value of a parameter, as it is put into a target: most are encoded, some are not. */
function argument(known: Known): Arbitrary<string> {
  const value = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known.values) }, anyText);
  return fc
    .tuple(value, fc.nat(5))
    .map(([text, how]) =>
      how === 0 ? text.replaceAll(/[^!-~]/g, "") : encodeURIComponent(text.toWellFormed()),
    );
}

/** The target of a route, with what stands for its parameters. */
function targetOf({ path, parameters }: Described, known: Known): Arbitrary<string> {
  const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const segments = path
    .split("/")
    .map((part) => (part.startsWith("{") ? argument(known) : fc.constant(part)));
  const asked = fc.array(fc.tuple(fc.constantFrom(...query, "unknown", "limit"), argument(known)), {
    maxLength: 3,
  });
  return fc.tuple(fc.tuple(...segments), asked).map(([parts, pairs]) => {
    const search = pairs.map(([name, value]) => `${name}=${value}`).join("&");
    return `${parts.join("/") || "/"}${search === "" ? "" : `?${search}`}`;
  });
}

const oddHeaders: Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom<readonly [string, string]>(
    ["Origin", "https://evil.example"],
    ["Sec-Fetch-Site", "cross-site"],
    ["Accept", "text/html"],
    ["Accept-Encoding", "gzip, br"],
    ["Range", "bytes=0-1"],
    ["If-None-Match", '"x"'],
    ["X-Forwarded-Host", "evil.example"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["Cookie", "a=b"],
    ["Expect", "100-continue"],
    ["Expect", "anything"],
    ["Last-Event-ID", "\u00ff"],
    ["Content-Type", "multipart/form-data; boundary=x"],
    ["Content-Encoding", "gzip"],
    ["Authorization", "Basic eA=="],
  ),
  fc
    .tuple(fc.constantFrom("X-Any", "Last-Event-ID", "Referer"), anyText)
    .map(([name, value]) => [name, value.replaceAll(/[^ -~\u00a0-\u00ff]/g, "?")] as const),
);

/** One request of a route: what it takes, its token, or not, and headers that nobody asked for. */
export function anyRequest(route: Described, known: Known): Arbitrary<RawRequest> {
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constant(route.method) },
    fc.constantFrom("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST", "TRACE"),
  );
  const parts = fc.record({
    method,
    target: targetOf(route, known),
    body: bodyOf(route),
    odd: fc.array(oddHeaders, { maxLength: 2 }),
    host: fc.oneof(
      { weight: 12, arbitrary: fc.constant("localhost") },
      fc.constantFrom(
        "evil.example",
        "",
        "a b",
        "127.0.0.1:7717",
        "[::1]",
        "localhost:99999999",
        "127.0.0.1.evil.example",
        "256.1.1.1",
        "127.999.1.1",
        "a.0x",
      ),
    ),
    token: fc.oneof({ weight: 4, arbitrary: fc.constant(known.token) }, fc.constantFrom("", "0".repeat(64))),
  });
  return parts.map(({ method: how, target, body, odd, host, token }) => ({
    method: how,
    target,
    headers: [
      ["Host", host],
      ["Connection", "close"],
      ...(body === null ? [] : [["Content-Type", route.takes?.type ?? "application/json"] as const]),
      ...(body === null ? [] : [["Content-Length", String(body.length)] as const]),
      ...(route.needsToken ? [["Authorization", `Bearer ${token}`] as const] : []),
      ...odd.filter(([name]) => body !== null || name !== "Expect"),
    ],
    body,
  }));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
