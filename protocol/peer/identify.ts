/** What is to be published, told apart: each signature is checked once, and off the event loop where there are many. */
import { ownSignature, trustChecked } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { ed25519Key } from "../crypto/index.ts";
import { isForgedOwn } from "../evidence/index.ts";
import { MAX_CHECK_ITEMS } from "../limits.ts";
import type { Context } from "./context.ts";
import { carriedId, ownId } from "./entry-id.ts";
import type { SignatureItem } from "./signature-item.ts";

/**
 * The id of each attestation as an entry of the own feed (as `entryId`). An entry that names the feed's key and isn't signed by it would
 * be evidence against the feed for ever, so it is refused, and all with it.
 */
export function identify(
  ctx: Context,
  attestations: readonly Attestation[],
  done: (ids: readonly Uint8Array[]) => void,
  failed: (code: string, message: string) => void,
): void {
  const { feedKey } = ctx.config;
  const key = feedKey === null ? null : ed25519Key(feedKey);
  const items: { readonly at: number; readonly item: SignatureItem }[] = [];
  for (const [at, attestation] of attestations.entries()) {
    const item = key === null ? null : ownSignature(attestation, key);
    if (item !== null) items.push({ at, item });
  }
  const own = new Set<number>();
  const finish = (): void => {
    const forged = attestations.some(
      ({ bytes }, at) => feedKey !== null && !own.has(at) && isForgedOwn(bytes, feedKey),
    );
    if (forged) {
      failed(
        "peer/forged-entry",
        "nothing was published: an attestation bears the key id of this feed's key and is not signed by it: sign it anew",
      );
      return;
    }
    done(
      attestations.map((attestation, at) =>
        key !== null && own.has(at) ? ownId(trustChecked(attestation, key).id) : carriedId(attestation.bytes),
      ),
    );
  };
  const slice = (from: number): void => {
    const part = items.slice(from, from + MAX_CHECK_ITEMS);
    if (part.length === 0) {
      finish();
      return;
    }
    ctx.turn.check(
      part.map(({ item }) => item),
      (good) => {
        for (const [i, { at }] of part.entries()) if (good[i] === true) own.add(at);
        slice(from + part.length);
      },
      (code) => failed(code, "nothing was published: the signatures could not be checked; publish again"),
    );
  };
  slice(0);
}
