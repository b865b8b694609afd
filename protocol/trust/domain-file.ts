/** `domain.toml`: where a domain's clients begin (`trust.md`). */
import { readToml, reading, record } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { parseVkey } from "../crypto/index.ts";
import type { Cosigner } from "../feed/index.ts";
import { MAX_DOMAIN_FILE_BYTES, MAX_DOMAIN_LIST } from "../limits.ts";
import { isNetworkName } from "../names.ts";

/** Where a domain's clients begin. Frozen. */
export interface DomainFile {
  /** null = the user's own choice. */
  readonly network: string | null;
  /** Multiaddrs; whoever dials them reads them. */
  readonly bootstrap: readonly string[];
  /** `https://…` or `http://…`: nothing of a reader's own machine. */
  readonly mirrors: readonly string[];
  readonly witnesses: readonly Cosigner[];
}

/** Reads it; unknown members are errors. Throws `toml/…`, `shape/…`, `key/bad-vkey`; each message begins with `name:line:column`. */
export function readDomainFile(source: Uint8Array | string, name = "domain.toml"): DomainFile {
  const document = readToml(source, { maxBytes: MAX_DOMAIN_FILE_BYTES, name });
  const file = record(document.value, document.place);
  file.integer("version", 1, 1);
  const network = file.optional("network");
  if (network !== undefined && !isNetworkName(network.string()))
    network.fail("shape/out-of-range", 'no network: 1 to 32 of a-z, 0-9 and "-"');
  const read: DomainFile = {
    network: network?.string() ?? null,
    bootstrap: listOf(file.optional("bootstrap"), addressOf),
    mirrors: listOf(file.optional("mirrors"), mirrorOf),
    witnesses: listOf(file.optional("witnesses"), witnessOf),
  };
  file.done();
  return Object.freeze(read);
}

function listOf<Item>(shape: Shape | undefined, read: (item: Shape) => Item): readonly Item[] {
  return Object.freeze((shape?.list(MAX_DOMAIN_LIST) ?? []).map(read));
}

function addressOf(item: Shape): string {
  const address = item.string();
  if (!/^\/[!-~]{1,511}$/.test(address))
    item.fail("shape/out-of-range", "a multiaddr is expected: /dnsaddr/…");
  return address;
}

/** Whoever signs for a domain chooses no file of its clients' machines. */
function mirrorOf(item: Shape): string {
  const url = item.string();
  if (!/^https?:\/\/[!-~]{1,511}$/.test(url))
    item.fail("shape/out-of-range", "a web address is expected: https://…");
  return url;
}

function witnessOf(item: Shape): Cosigner {
  const { name, raw } = reading(
    "key/bad-vkey",
    () => item.where,
    () => parseVkey(item.string().trim()),
  );
  return Object.freeze({ name, raw });
}
