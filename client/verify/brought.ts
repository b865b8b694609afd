/** Bundles that the user brought. */
import { collectFound } from "../../protocol/index.ts";
import type { Collected, Policy, RawFindings } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** Bundles that hold, each with what was found in it for a policy and a network. */
const checked = new WeakMap<
  RawFindings,
  { readonly policy: Policy; readonly network: string; readonly found: Collected }
>();

/** What is in a bundle. Many files are judged part by part: its signatures are checked for the first part only. */
export async function checkedOnce(
  bundle: RawFindings,
  { policy, network }: { readonly policy: Policy; readonly network: string },
): Promise<Collected> {
  const known = checked.get(bundle);
  if (known?.policy === policy && known.network === network) return known.found;
  const found = await collectFound(bundle, { policy, network, strict: true });
  checked.set(bundle, { policy, network, found });
  return found;
}

/** Throws `bundle/bad-file` for one of another network. */
export function assertNetwork(path: string, made: string, wanted: string): void {
  if (made === wanted) return;
  throw new ClientError(
    "bundle/bad-file",
    `${path}: it is of network ${made}, not ${wanted}: give --network ${made}`,
  );
}
