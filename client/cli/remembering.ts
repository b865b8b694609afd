/** What a key has attested, as commands remember it beside what they write (RULES R13). */
import type { Draft, Ledger, Replaced } from "../attest/index.ts";
import { ClientError } from "../errors.ts";
import type { Printer } from "./print.ts";

interface Remembering {
  readonly ledger: Ledger;
  readonly options: { readonly step: string };
  readonly printer: Printer;
}

/** Before anything leaves: a crash afterwards costs a needless question, never a contradiction. */
export async function remember(
  draft: Pick<Draft, "products">,
  id: string,
  { ledger, options, printer }: Remembering,
): Promise<void> {
  try {
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

/** What stands no more, or was never written. Where it stays remembered, that costs a needless question too. */
export async function forget(
  claims: readonly Pick<Replaced, "target" | "id">[],
  { ledger, options }: Remembering,
): Promise<void> {
  for (const { target, id } of claims) await ledger.forget(target, options.step, id).catch(() => undefined);
}
