import { MAX_POLICY_BYTES, ProtocolError, readPolicy } from "../protocol/index.ts";
import type { Policy } from "../protocol/index.ts";
import { readText } from "./artifact/index.ts";
import type { Config } from "./config.ts";
import { ClientError } from "./errors.ts";

/** A policy and the file that it was read from. */
export interface PolicyFile {
  readonly path: string;
  readonly policy: Policy;
}

/** The policy of `--policy`, else the configuration's. Throws `config/no-policy`, `input/…`, or `config/bad-file` with line and column. */
export async function openPolicy(config: Config, option: string | undefined): Promise<PolicyFile> {
  const path = option ?? config.policy;
  if (path === null) {
    throw new ClientError(
      "config/no-policy",
      "there is no policy: name one with --policy, or put policy.toml beside config.toml (protocol/spec/policy.md begins with one)",
    );
  }
  const text = readText(path, MAX_POLICY_BYTES);
  try {
    return { path, policy: readPolicy(text, path) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("config/bad-file", `${error.message} (${error.code})`, { cause: error });
  }
}
