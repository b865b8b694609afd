import { dirname } from "node:path";
import { isNetworkName, MAX_CONFIG_BYTES, quote, readToml, record } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { Fields } from "./fields.ts";
import { addressRule, apiRule, debNamespaceRule, domainRule } from "./places.ts";
import { readNode } from "./node.ts";
import type { NodeSettings } from "./node.ts";
import { readWatch } from "./watch.ts";
import type { WatchSettings } from "./watch.ts";

/** What one configuration file says; a member that it leaves out is undefined. */
export interface Settings {
  readonly data?: string | undefined;
  readonly api?: string | undefined;
  readonly network?: string | undefined;
  readonly policy?: string | undefined;
  readonly domain?: string | undefined;
  readonly bootstrap?: readonly string[] | undefined;
  readonly debNamespace?: string | undefined;
  readonly node: NodeSettings;
  readonly watch: WatchSettings;
}

/** Reads the text of a configuration file. Throws `config/bad-file` with the path, line and column of the first fault. */
export function readSettings(text: string, path: string): Settings {
  try {
    const document = readToml(text, { maxBytes: MAX_CONFIG_BYTES, name: path });
    const root = record(document.value, document.place);
    const folder = dirname(path);
    const fields = new Fields(root, folder);
    const settings: Settings = {
      data: fields.path("data"),
      api: fields.text("api", apiRule),
      network: readNetwork(fields),
      policy: fields.path("policy"),
      domain: readDomain(fields),
      bootstrap: fields.places("bootstrap", addressRule),
      debNamespace: fields.text("deb_namespace", debNamespaceRule),
      node: readNode(new Fields(root.optional("node")?.record() ?? null, folder)),
      watch: readWatch(new Fields(root.optional("watch")?.record() ?? null, folder)),
    };
    fields.done();
    return settings;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError("config/bad-file", why.includes(path) ? why : `${path}: ${why}`, { cause: error });
  }
}

function readNetwork(fields: Fields): string | undefined {
  const name = fields.text("network");
  if (name !== undefined && !isNetworkName(name))
    fields
      .shape("network")
      ?.fail("shape/out-of-range", `${quote(name)} is no network's name: use 1 to 32 of a-z, 0-9 and "-"`);
  return name;
}

/** Instead of `policy`: a command judges by one of them. */
function readDomain(fields: Fields): string | undefined {
  if (fields.shape("policy") !== undefined)
    fields.shape("domain")?.fail("shape/out-of-range", "there is a policy too: name the one or the other");
  return fields.text("domain", domainRule);
}
