/** What samebits says of a folder with a layout and links: from the octets to the verdict. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  checkSigners,
  judgeLayout,
  keysOf,
  parseDocument,
  placeOfFile,
  ProtocolError,
  sha256Hex,
} from "../../protocol/index.ts";
import type {
  Artifacts,
  Document,
  Inspected,
  Inspection,
  PublicKey,
  SignedDocument,
} from "../../protocol/index.ts";
import type { Said } from "./in-toto.ts";

export interface Asked {
  readonly layout: string;
  readonly links: string;
  /** Where inspections run. */
  readonly files: string;
  readonly owners: readonly PublicKey[];
  readonly parameters: Readonly<Record<string, string>> | null;
  /** Runs what is no `true`; without it such an inspection was not run. */
  readonly inspect?: (inspection: Inspection) => Inspected;
}

const NOW = Date.parse("2026-11-29T12:00:00Z");

export async function judgeHere(asked: Asked): Promise<Said> {
  try {
    const layout = parseDocument(readFileSync(asked.layout));
    const documents = readdirSync(asked.links, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(asked.links, join(entry.parentPath, entry.name)))
      .flatMap((path) => readable(path, readFileSync(join(asked.links, path))));
    const verdict = judgeLayout(
      {
        layout: await checkSigners(layout, asked.owners, placeOfFile("root.layout")),
        owners: { keys: asked.owners, k: asked.owners.length },
        parameters: new Map(Object.entries(asked.parameters ?? {})),
        documents: await signed(layout, documents),
        now: NOW,
        files: artifactsIn(asked.files),
      },
      asked.inspect ?? (({ run }) => ({ ran: false, why: `${run.join(" ")} is not run here` })),
    );
    const { outcome, problem } = verdict;
    return {
      pass: outcome === "passed",
      why: problem === null ? "" : `${outcome}, ${problem.code}: ${problem.message}`,
    };
  } catch (error) {
    if (error instanceof ProtocolError) return { pass: false, why: `${error.code}: ${error.message}` };
    throw error;
  }
}

interface Found {
  readonly path: string;
  readonly document: Document;
}

/** Nothing where it does not parse: who collects leaves that out. */
function readable(path: string, bytes: Uint8Array): readonly Found[] {
  try {
    return [{ path, document: parseDocument(bytes) }];
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

/** With the keys of the layout and of all sublayouts tried on each: who may sign what is the judge's to see. */
async function signed(layout: Document, found: readonly Found[]): Promise<readonly SignedDocument[]> {
  const keys = [layout, ...found.map(({ document }) => document)].flatMap(keysOf);
  const distinct = [
    ...new Map(keys.map((key) => [`${key.type} ${Buffer.from(key.raw).toString("hex")}`, key])).values(),
  ];
  return Promise.all(found.map(({ path, document }) => checkSigners(document, distinct, placeOfFile(path))));
}

/** All files of a folder with their SHA-256, but those that in-toto leaves out. */
export function artifactsIn(folder: string): Artifacts {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/\.link|\.git(\/|$)|\.pyc$|~$/.test(path));
  return new Map(
    paths.map((path) => [path, new Map([["sha256", sha256Hex(readFileSync(join(folder, path)))]])]),
  );
}
