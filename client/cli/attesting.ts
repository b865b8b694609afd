import { join } from "node:path";
import { fromUtf8, parseAttestation, toHex } from "../../protocol/index.ts";
import type { PublishedEntry } from "../../protocol/index.ts";
import { envelopePath, idOf, publish, seal, writeEnvelopes, writeUnsigned } from "../attest/index.ts";
import type { Draft, Ledger, Replaced, Sealed } from "../attest/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError } from "../errors.ts";
import type { AnyKey } from "../keys/index.ts";
import type { RunningNode } from "../source/index.ts";
import { withPatience } from "./patience.ts";
import type { Printer } from "./print.ts";

export interface AttestOptions extends CommonOptions {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly purl?: string;
  readonly step: string;
  readonly how: string;
  readonly material?: readonly string[];
  readonly git?: string;
  readonly buildinfo?: string;
  readonly predicate: string;
  readonly one?: boolean;
  readonly replace?: boolean;
  readonly sums?: string;
  readonly failed?: string;
  readonly name?: string;
  readonly output?: string;
  readonly publish?: boolean;
  readonly emitUnsigned?: boolean;
  readonly attach?: string;
}

/** What one run of `attest` works with. */
export interface Work {
  readonly key: AnyKey;
  readonly ledger: Ledger;
  readonly running: RunningNode | null;
  readonly options: AttestOptions;
  readonly printer: Printer;
}

/** Signs a draft and what it takes back, writes both as lines of one file, publishes them if asked. `folder` null = stdout. */
export async function deliver(
  draft: Draft,
  replaced: readonly Replaced[],
  folder: string | null,
  work: Work,
): Promise<void> {
  const { key, options, printer } = work;
  if (options.emitUnsigned === true) return emitUnsigned(draft, replaced, folder ?? ".", work);
  const { signer } = key;
  if (signer === null) {
    throw new ClientError(
      "key/bad-file",
      `${options.key} is a public key: sign with the private one, or write what it is to sign with --emit-unsigned`,
    );
  }
  // What is taken back goes first, so that nobody sees both digests stand.
  const sealed: Sealed[] = [];
  for (const statement of [...replaced.map((each) => each.statement), draft.statement]) {
    sealed.push(await withPatience(printer, seal(statement, signer)));
  }
  await remember(draft, replaced, idOf(draft.statement, key.key), work);
  const envelopes = sealed.map(({ envelope }) => envelope);
  let path: string | null = null;
  if (folder === null) for (const envelope of envelopes) printer.data(fromUtf8(envelope));
  else {
    path = envelopePath(folder, draft.name, key.keyId, ".dsse.jsonl");
    await writeEnvelopes(path, envelopes);
  }
  const published = await publishSealed(sealed, work);
  for (const [at, one] of sealed.entries()) report(one, path, published?.[at] ?? null, work);
}

/** Hands sealed statements to the node; null where that was not asked for. */
export async function publishSealed(
  sealed: readonly Sealed[],
  { options, running }: Work,
): Promise<readonly PublishedEntry[] | null> {
  if (options.publish !== true || running === null) return null;
  return publish(
    sealed.map(({ envelope }) => parseAttestation(envelope)),
    running.api,
  );
}

/** Tells of one envelope: JSON or words; on stderr where the envelopes themselves go to stdout. */
export function report(
  { verified }: Sealed,
  path: string | null,
  published: PublishedEntry | null,
  { key, printer }: Pick<Work, "key" | "printer">,
): void {
  const { id, claims, predicateType } = verified;
  const say = (line: string): void => (path === null ? printer.note(line) : printer.data(line));
  if (printer.json && path !== null) {
    const subjects = claims.map(({ target, file, sha256 }) => ({
      purl: target?.purl ?? null,
      file,
      sha256: sha256 === null ? null : toHex(sha256),
    }));
    const { kind, step, how, retracts } = claims[0] ?? { kind: null, step: null, how: null, retracts: [] };
    const place = published === null ? null : { ...published };
    printer.object({
      samebits: 1,
      envelope: path,
      id,
      keyid: key.keyId,
      predicate: predicateType,
      kind,
      step,
      how,
      subjects,
      retracts,
      published: place,
    });
    return;
  }
  for (const { kind, file, sha256, step, retracts } of claims) {
    if (kind === "retraction") say(`retracts   ${file}: claim ${retracts.join(", ")}`);
    else if (kind === "failed") say(`signed     ${file}: ${step} failed`);
    else say(`signed     ${file}  ${sha256 === null ? "" : toHex(sha256)}  (${step})`);
  }
  say(`claim id   ${id}`);
  if (path !== null) say(`envelope   ${path}`);
  if (published !== null) {
    say(`published  ${published.origin} #${published.index}${published.known ? " (was there already)" : ""}`);
  }
}

/** Before anything leaves: a crash afterwards costs a needless question, never a contradiction. */
async function remember(
  draft: Draft,
  replaced: readonly Replaced[],
  id: string,
  { ledger, options, printer }: Work,
): Promise<void> {
  try {
    for (const { target, id: old } of replaced) await ledger.forget(target, options.step, old);
    for (const product of draft.products) {
      await ledger.remember(product, options.step, id, draft.products.length);
    }
  } catch (error) {
    if (!(error instanceof ClientError) || !error.code.startsWith("output/")) throw error;
    printer.note(
      `samebits: cannot remember what was attested (${error.message}); the node's feed still does`,
    );
  }
}

async function emitUnsigned(
  draft: Draft,
  replaced: readonly Replaced[],
  folder: string,
  work: Work,
): Promise<void> {
  const { key, printer } = work;
  for (const [at, { statement, name }] of [
    draft,
    ...replaced.map((each) => ({ ...each, name: draft.name })),
  ].entries()) {
    const ending = at === 0 ? ".unsigned" : `.retraction-${at}.unsigned`;
    const path = envelopePath(folder, name, key.keyId, ending);
    await writeUnsigned(path, statement);
    const id = idOf(statement, key.key);
    if (printer.json) {
      printer.object({ samebits: 1, unsigned: path, id, keyid: key.keyId });
      continue;
    }
    printer.data(`to sign    ${path}`);
    printer.data(`claim id   ${id}`);
    const signature = join(folder, "SIG");
    printer.note(
      key.key.type === "openpgp"
        ? `  gpg --local-user ${key.keyId}! --digest-algo SHA512 --output ${signature} --detach-sign ${path}`
        : `  openssl pkeyutl -sign -rawin -inkey KEY -in ${path} -out ${signature}`,
    );
    printer.note(`  samebits attest ${path} --attach ${signature} --key ${work.options.key}`);
  }
}
