/** A document of a domain in words and as JSON (`protocol/spec/trust-document.schema.json`): what it says, who signed, who still has to. */
import {
  counted,
  documentPath,
  fingerprintOf,
  formatTime,
  keyIdPlain,
  rootSaid,
  targetsSaid,
} from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";
import { expiryWarning, knowsAll } from "../../trust/index.ts";
import type { Opened, Settled, Signing } from "../../trust/index.ts";
import type { Printer } from "../print.ts";
import { roleObject, saidLines, saidObject } from "./domain-shown.ts";

const NOTHING: Settled = { published: [], held: [] };

export function printDocument(
  opened: Opened,
  now: number,
  printer: Printer,
  settled: Settled = NOTHING,
): void {
  if (printer.json) return printer.object(documentObject(opened, now, settled));
  for (const line of documentLines(opened, now)) printer.data(line);
  for (const path of settled.published) printer.data(`published  ${path}`);
  for (const why of settled.held) printer.note(`samebits: not published: ${why}`);
}

function documentObject({ path, bytes, standing }: Opened, now: number, settled: Settled): object {
  const { kind, document, name, signings, isComplete } = standing;
  const root = kind === "root" ? rootSaid(bytes) : null;
  return {
    samebits: 1,
    path,
    kind,
    document: documentPath(name),
    fingerprint: root?.version === 1 ? fingerprintOf(bytes) : null,
    version: document.version,
    expires: formatTime(document.expires),
    root: root === null ? null : { root: roleObject(root.root), targets: roleObject(root.targets) },
    ...(root === null ? saidObject(targetsSaid(bytes)) : { files: [], delegations: [] }),
    signings: signings.map(({ whose, role, signed, missing }) => ({
      whose,
      threshold: role.threshold,
      signed: signed.map(keyIdPlain),
      missing: missing.map(keyIdPlain),
    })),
    complete: isComplete,
    published: settled.published,
    held: settled.held,
    warnings: [expiryWarning(kind, document, now)].filter((warning) => warning !== null),
  };
}

function documentLines({ path, bytes, standing }: Opened, now: number): readonly string[] {
  const { kind, document, signings } = standing;
  const warning = expiryWarning(kind, document, now);
  return [
    `document   ${path}`,
    `says       ${kind} ${document.version}, until ${formatTime(document.expires)}`,
    ...(kind === "root" ? rootLines(bytes) : saidLines(targetsSaid(bytes))),
    ...signings.flatMap(signingLines),
    ...(knowsAll(standing)
      ? []
      : [
          `           who ${signings.length === 0 ? "" : "else "}has to sign says the folder of the domain: this file stands outside of it`,
        ]),
    ...(warning === null ? [] : [`note       it ${warning}`]),
  ];
}

function rootLines(bytes: Uint8Array): readonly string[] {
  const { version, root, targets } = rootSaid(bytes);
  return [
    ...(version === 1 ? [`pin        ${fingerprintOf(bytes)}`] : []),
    `  root     ${root.threshold} of ${counted(root.keys.size, "key")}`,
    `  targets  ${targets.threshold} of ${counted(targets.keys.size, "key")}`,
  ];
}

function signingLines({ whose, role, signed, missing }: Signing): readonly string[] {
  const left = role.threshold - signed.length;
  const line = `signed     by ${signed.length} of ${role.threshold} that have to, for ${whose.replace(/,$/, "")}`;
  if (left <= 0) return [line];
  return [line, `  missing  ${left} of ${missing.map(shortId).join(" ")}`];
}

function shortId(key: PublicKey): string {
  return keyIdPlain(key).slice(0, 16);
}
