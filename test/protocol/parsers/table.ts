/** Every parser of foreign octets behind the door of `protocol/`, with samples that it reads and what holds for it. */
import { OF_ALERTS } from "./alerts.ts";
import { OF_DOMAINS } from "./domains.ts";
import { OF_FEEDS } from "./feeds.ts";
import { OF_GIT } from "./git.ts";
import { OF_TEXT_AND_KEYS } from "./keys.ts";
import { OF_LAYOUTS } from "./layouts.ts";
import type { Parser } from "./parser.ts";
import { OF_STATEMENTS } from "./statements.ts";
import { OF_ZIPS } from "./zips.ts";

export const PARSERS: readonly Parser[] = [
  ...OF_TEXT_AND_KEYS,
  ...OF_FEEDS,
  ...OF_STATEMENTS,
  ...OF_LAYOUTS,
  ...OF_DOMAINS,
  ...OF_ALERTS,
  ...OF_GIT,
  ...OF_ZIPS,
];

/** Readers of the own store's rows: no foreign octets reach them. */
export const OF_ROWS: readonly string[] = ["readClaimRow", "readFinding", "readNameRow", "readPast"];
