import type { NodeConfig } from "../../../node/index.ts";
import { parseOrigin, sameKey, toHex } from "../../../protocol/index.ts";
import type { Builder, Cosigner, PublicKey } from "../../../protocol/index.ts";
import type { Beginning } from "../../begin.ts";
import { ClientError } from "../../errors.ts";
import { openKeyPem } from "../../keys/index.ts";
import type { Policies } from "../../policy-file.ts";
import { VERSION } from "../../version.ts";
import { parseSize } from "../size.ts";
import { sourcesOf } from "../sources.ts";
import type { Wanted } from "./wanted.ts";

/** What the user says, what the policies say of whom to follow, and where to begin. */
export async function nodeConfigOf(
  wanted: Wanted,
  begin: Beginning,
  policies: Policies | null,
): Promise<NodeConfig> {
  const { config } = begin;
  const policy = followedBy(policies);
  const keyOf = async (file: string | null): Promise<string | null> =>
    file === null ? null : openKeyPem(file, wanted.passphraseFile ?? undefined);
  const mirrors = wanted.mirror.length > 0 ? wanted.mirror : begin.mirrors;
  return {
    network: config.network,
    dataDir: config.data,
    listen: wanted.listen.length === 1 && wanted.listen[0] === "none" ? [] : wanted.listen,
    ...sourcesOf(wanted.anchor, wanted.bootstrap ?? config.bootstrap, mirrors),
    publishKey: await keyOf(wanted.publishKey),
    witnessKey: await keyOf(wanted.witnessKey),
    first: wanted.first,
    follow: {
      all: wanted.follow.includes("all"),
      origins: [...wanted.follow.filter((word) => !WORDS.has(word)).map(checkedOrigin), ...policy.origins],
      builders: policy.builders,
    },
    witnesses: policy.witnesses,
    light: false,
    maxStoreBytes: parseSize("--max-store", wanted.maxStore),
    maxFollowedBytes: parseSize("--max-followed", wanted.maxFollowed),
    api: {
      listen: wanted.apiListen === "none" ? null : wanted.apiListen,
      public: wanted.apiPublic,
      hosts: wanted.apiHost,
    },
    policies: shownPolicies(policies),
    ...rebuilderdOf(wanted, policies, config.debNamespace),
    log: wanted.log,
    version: VERSION,
  };
}

/** What a node shows people of its policies: the files, and whom they name. */
function shownPolicies(policies: Policies | null): NonNullable<NodeConfig["policies"]> {
  return (policies?.all ?? []).map(({ path, policy, text }) => ({
    name: path,
    sha256: policy.sha256,
    text,
    builders: [...policy.builders.values()].map(({ name, operator, roles, keys, feeds }) => ({
      name,
      operator,
      roles,
      keys: keys.map(({ raw }) => toHex(raw)),
      feeds,
    })),
  }));
}

/** rebuilderd's interface, where it is wanted: for the builders of all policies. */
function rebuilderdOf(
  wanted: Wanted,
  policies: Policies | null,
  debNamespace: string | null,
): Pick<NodeConfig, "rebuilderd"> {
  if (wanted.rebuilderdApi === null) return {};
  return {
    rebuilderd: {
      listen: wanted.rebuilderdApi,
      public: wanted.apiPublic,
      hosts: wanted.apiHost,
      builders: (policies?.all ?? []).flatMap(({ policy }) => [...policy.builders.values()]).map(servedOf),
      namespace: debNamespace ?? "debian",
    },
  };
}

/** Clients of today know no witnesses: of a key that is revoked nothing counts there from that time on. */
function servedOf({
  name,
  keys,
  revoked,
}: Builder): NonNullable<NodeConfig["rebuilderd"]>["builders"][number] {
  return {
    name,
    keys: keys.map((key) => ({
      key,
      until: revoked.find((one) => sameKey(one.key, key))?.atMs ?? null,
    })),
  };
}

const WORDS: ReadonlySet<string> = new Set(["policy", "all"]);

/** What a node takes out of policies. */
interface Followed {
  readonly builders: readonly PublicKey[];
  readonly origins: readonly string[];
  readonly witnesses: readonly Cosigner[];
}

/** Keys and feeds of the policies' builders, and their witnesses; none where the user did not ask for a policy and there is none. */
function followedBy(policies: Policies | null): Followed {
  const all = policies?.all ?? [];
  const builders = all.flatMap(({ policy }) => [...policy.builders.values()]);
  const witnesses = all.flatMap(({ policy }) =>
    [...policy.witnesses.values()].map(({ cosigner }) => cosigner),
  );
  return {
    builders: builders.flatMap((builder) => builder.keys),
    origins: builders.flatMap((builder) => builder.feeds),
    witnesses: [...witnesses, ...(policies?.places?.witnesses ?? [])],
  };
}

function checkedOrigin(text: string): string {
  try {
    parseOrigin(text);
    return text;
  } catch (error) {
    throw new ClientError(
      "usage/bad-option",
      `--follow ${text}: use policy, all, or an origin (samebits/main/…)`,
      {
        cause: error,
      },
    );
  }
}
