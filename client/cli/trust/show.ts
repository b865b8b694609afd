import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import { isFolder } from "../../folder.ts";
import {
  openDocument,
  openDomain,
  OwnerFolder,
  pinnedDomain,
  problemOf,
  TrustStore,
} from "../../trust/index.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { printDocument } from "./document-shown.ts";
import { domainLine, domainObject, printDomain } from "./domain-shown.ts";

export function defineShow(command: Command): void {
  addCommonOptions(command)
    .argument("[what]", "a fingerprint, or its beginning; an owner's folder; a document")
    .addHelpText(
      "after",
      `
Ends with 3 where a pinned domain says nothing at present: expired, split, or without good targets.

Examples:
  samebits trust show
  samebits trust show 3f0c9a5d
  samebits trust show DIR
  samebits trust show DIR/draft/2.root.json`,
    )
    .action(async (what: string | undefined, options: CommonOptions) => {
      const printer = openPrinter(options);
      const store = new TrustStore((await openConfig(options)).data);
      const now = Date.now();
      if (what === undefined) return listDomains(store, now, printer);
      if (isFolder(what)) return showOwn(what, now, printer);
      if (/^[0-9a-f\u2026]+$/i.test(what)) {
        const domain = openDomain(store, pinnedDomain(store, what));
        printDomain(domain, now, printer);
        if (problemOf(domain, now) !== null) process.exitCode = EXIT.policy;
        return;
      }
      printDocument(openDocument(what), now, printer);
    });
}

/** All that are pinned, one a line. */
function listDomains(store: TrustStore, now: number, printer: Printer): void {
  const domains = store.domains();
  for (const fingerprint of domains) {
    try {
      const domain = openDomain(store, fingerprint);
      if (printer.json) printer.object(domainObject(domain, now));
      else printer.data(domainLine(domain, now));
      if (problemOf(domain, now) !== null) process.exitCode = EXIT.policy;
    } catch (error) {
      // The others are shown all the same.
      printer.failure(error);
      process.exitCode = EXIT.policy;
    }
  }
  if (domains.length === 0)
    printer.note("samebits: no trust domain is pinned here: samebits trust add FINGERPRINT --from URL");
}

/** What is published of a domain of one's own, and what is still to be signed. */
function showOwn(path: string, now: number, printer: Printer): void {
  const folder = new OwnerFolder(path);
  if (folder.roots() === null && folder.drafts().length === 0)
    throw new ClientError(
      "usage/nothing-to-do",
      `${path}: no owner's folder, as samebits trust init makes one: neither published nor to be signed is anything here`,
    );
  if (folder.roots() !== null) printDomain(folder.domain(), now, printer);
  for (const name of folder.drafts()) printDocument(openDocument(folder.draftPath(name)), now, printer);
}
