/** The parser of zip files, as folders of files. */
import { concat, readZipTree, runReads, utf8 } from "../../../protocol/index.ts";
import { zipOf } from "../normal-form/zips.ts";
import type { Parser } from "./parser.ts";

const FILE = { name: "a/b", data: utf8("text ".repeat(20)), mode: 0o100_644, follow: true };
const FOLDER = { name: "a/", data: concat(), method: 0, mode: 0o040_755 };

export const OF_ZIPS: readonly Parser[] = [
  {
    name: "readZipTree",
    read: (bytes) =>
      runReads(readZipTree(bytes.length), ({ offset, length }) => bytes.slice(offset, offset + length)),
    samples: [zipOf([FILE]), zipOf([FOLDER, FILE, { name: "c", data: utf8("c") }])],
    codes: ["normal-form/malformed", "normal-form/unsupported", "normal-form/too-big"],
  },
];
