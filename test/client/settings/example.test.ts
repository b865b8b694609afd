/** docs/examples/config.toml is what it says: every setting is in it, it reads as it stands, and so does every line that is taken in. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  NODE_DEFAULTS,
  readSettings,
  SETTING_NAMES,
  WATCH_DEFAULTS,
} from "../../../client/settings/index.ts";
import type { Settings } from "../../../client/settings/index.ts";
import { isJsonObject, readToml } from "../../../protocol/index.ts";
import type { JsonValue } from "../../../protocol/index.ts";
import { SPEC, schemaOf } from "../../json-schemas.ts";

const PATH = join(import.meta.dirname, "../../../docs/examples/config.toml");
const EXAMPLE = readFileSync(PATH, "utf8");

interface SettingSchema {
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}
const SCHEMA = JSON.parse(readFileSync(join(SPEC, "config.schema.json"), "utf8")) as SettingSchema;

/** `name` or `table.name` of every setting of the schema. */
function namesOf({ properties = {} }: SettingSchema, table = ""): readonly string[] {
  return Object.entries(properties).flatMap(([name, member]) =>
    member.properties === undefined ? [`${table}${name}`] : namesOf(member, `${name}.`),
  );
}

/** The example with the lines taken in that begin so; of `leave` none. */
function takenIn(mark: string, ...leave: readonly string[]): string {
  const lines = EXAMPLE.split("\n").map((line) => {
    const setting = line.startsWith(mark) ? line.slice(mark.length) : "";
    const isIt = /^[a-z_]+ = /.test(setting) && !leave.some((name) => setting.startsWith(`${name} `));
    return isIt ? setting : line;
  });
  return lines.join("\n");
}

function jsonOf(text: string): unknown {
  const plain = (value: JsonValue): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    return isJsonObject(value)
      ? Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]))
      : value;
  };
  return plain(readToml(text, { maxBytes: 1e6, name: "config.toml" }).value);
}

function setIn(text: string): readonly string[] {
  const value = jsonOf(text) as Record<string, unknown>;
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === "object" && !Array.isArray(member)
      ? Object.keys(member ?? {}).map((each) => `${name}.${each}`)
      : [name],
  );
}

test("as it stands it sets nothing, and is good", () => {
  const { node, watch, ...said } = readSettings(EXAMPLE, PATH);
  for (const each of [node, watch, said])
    assert.ok(Object.values(each).every((value) => value === undefined));
  assert.ok(schemaOf("config")(jsonOf(EXAMPLE)));
});

test("the schema, the example and the reader know the same settings", () => {
  assert.deepEqual(namesOf(SCHEMA).toSorted(), SETTING_NAMES.toSorted());
  const shown = [takenIn("#"), takenIn("#e.g. ", "bootstrap")].flatMap(setIn);
  assert.deepEqual(shown.toSorted(), SETTING_NAMES.toSorted());
});

test("what it shows beside the defaults reads, too", () => {
  for (const left of ["policy", "domain"]) {
    const text = takenIn("#e.g. ", left);
    assert.ok(readSettings(text, PATH));
    assert.ok(schemaOf("config")(jsonOf(text)), JSON.stringify(schemaOf("config").errors));
  }
  assert.throws(() => readSettings(takenIn("#e.g. "), PATH), { code: "config/bad-file" });
  assert.equal(schemaOf("config")(jsonOf(takenIn("#e.g. "))), false);
});

test("its defaults, and the schema's, are the ones that hold", () => {
  const { node, watch, network, bootstrap } = readSettings(takenIn("#"), PATH);
  const given = (table: object): object =>
    Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
  assert.deepEqual(given(node), NODE_DEFAULTS);
  assert.deepEqual(given(watch), WATCH_DEFAULTS);
  assert.deepEqual([network, bootstrap], ["main", []]);
  const value = jsonOf(takenIn("#")) as Record<string, Record<string, unknown>>;
  for (const name of SETTING_NAMES) {
    const [table = "", member] = name.split(".");
    const top = SCHEMA.properties?.[table];
    const schema = member === undefined ? top : top?.properties?.[member];
    const shown: unknown = member === undefined ? value[table] : value[table]?.[member];
    assert.deepEqual(shown, schema?.default, name);
  }
});

test("the schema and the reader refuse the same, the reader by line and column", () => {
  for (const [text, where, word] of [
    ['[node]\nlisten = "none"\n', ":2:1", "a list expected"],
    ['[node]\nlog = "loud"\n', ":2:1", '"loud" is none of "silent"'],
    ['[node]\nmax_store = "much"\n', ":2:1", "is no size"],
    ['[node]\napi_public = "yes"\n', ":2:1", "true or false expected"],
    ['[node]\nlisten = ["none"]\nlissten = []\n', ":3:1", '"lissten" is not known here'],
    ["[node]\nfirst = true\n", ":2:1", '"first" is not known here'],
    ['[watch]\nseverity = "low"\n', ":2:1", '"low" is none of'],
    ['[watch]\nwebhook = ""\n', ":2:1", ""],
    ['network = "Main!"\n', ":1:1", "no network's name"],
    ["[watcher]\n", ":1:1", '"watcher" is not known here'],
    ["node = 1\n", ":1:1", "an object expected"],
  ] as const) {
    assert.throws(
      () => readSettings(text, "/x/config.toml"),
      (error: { readonly code: string; readonly message: string }) => {
        assert.equal(error.code, "config/bad-file");
        assert.ok(error.message.startsWith(`/x/config.toml${where}`), error.message);
        assert.ok(error.message.includes(word), error.message);
        return true;
      },
      text,
    );
    assert.equal(schemaOf("config")(jsonOf(text)), false, text);
  }
  const follow = '[node]\nfollow = ["everybody"]\n';
  assert.throws(() => readSettings(follow, "/x/config.toml"), { message: /^\/x\/config\.toml:2:/ });
});

test("what no command could work with is refused where it stands, by the schema too", () => {
  for (const [text, where, word] of [
    ['bootstrap = ["foo"]\n', ":1:1", '"foo": it is no multiaddr'],
    ['bootstrap = ["/dnsaddr/mesh.example.org",\n"localhost:4001"]\n', ":1:1", '"localhost:4001"'],
    ['network = "main"\napi = "foo"\n', ":2:1", '"foo": use http://host:port'],
    ['domain = "zz"\n', ":1:1", '"zz": a trust domain\'s fingerprint'],
    ['domain = "3f0c9a5"\n', ":1:1", "at least 8"],
    ['deb_namespace = "A B"\n', ":1:1", "no distribution's name"],
    ['[node]\nlisten = ["foo"]\n', ":2:1", "no multiaddr"],
    ['[node]\nmirror = ["ftp://x"]\n', ":2:1", "file:DIR is expected"],
    ['[node]\nanchor = ["foo"]\n', ":2:1", "a peer (/ip4"],
    ['[node]\napi_listen = "x"\n', ":2:1", "HOST:PORT is expected"],
    ['[node]\nrebuilderd_api = "x"\n', ":2:1", "HOST:PORT is expected"],
    ['[watch]\nwebhook = "ftp://x"\n', ":2:1", "use http://host/"],
    ['[watch]\nalertmanager = "x"\n', ":2:1", "use http://host/"],
    ["[watch]\nexec = []\n", ":2:1", "name a program"],
  ] as const) {
    assert.throws(
      () => readSettings(text, "/x/config.toml"),
      (error: { readonly code: string; readonly message: string }) => {
        assert.equal(error.code, "config/bad-file", text);
        assert.ok(error.message.startsWith(`/x/config.toml${where}`), error.message);
        assert.ok(error.message.includes(word), error.message);
        return true;
      },
      text,
    );
    assert.equal(schemaOf("config")(jsonOf(text)), false, text);
  }
  for (const text of [
    '[node]\nlisten = ["none", "/ip4/127.0.0.1/tcp/1"]\n',
    '[node]\nanchor = ["/ip4/192.0.2.1/tcp/7716"]\n',
    '[node]\napi_listen = "127.0.0.1:65536"\n',
    'bootstrap = ["/ip4/192.0.2.1/tcp/x"]\n',
    '[watch]\nwebhook = "https://user@example.org/"\n',
  ])
    assert.throws(() => readSettings(text, "/x/config.toml"), { code: "config/bad-file" }, text);
});

test("what they could work with is taken, as before", () => {
  const peer = "12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf";
  const text = `api = "/run/samebits/api.sock"
domain = "3F0C9A5D…"
bootstrap = ["/ip4/192.0.2.1/tcp/7716/p2p/${peer}"]
[node]
listen = ["none"]
mirror = ["https://example.org/feeds", "file:feeds"]
anchor = ["${peer}", "/ip4/192.0.2.1/tcp/7716/p2p/${peer}", "file:/srv/feeds", "https://example.org/feeds"]
api_listen = "none"
rebuilderd_api = "[::1]:7719"
`;
  assert.ok(readSettings(text, "/x/config.toml"));
  assert.ok(schemaOf("config")(jsonOf(text)), JSON.stringify(schemaOf("config").errors));
});

test("relative paths are from the file's folder", () => {
  const text = 'data = "data"\n[node]\npublish_key = "a.key"\nwitness_key = "/b.key"\n';
  const { data, node }: Settings = readSettings(text, "/etc/samebits/config.toml");
  assert.deepEqual(
    [data, node.publishKey, node.witnessKey],
    ["/etc/samebits/data", "/etc/samebits/a.key", "/b.key"],
  );
});
