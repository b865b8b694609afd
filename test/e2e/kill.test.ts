/** `kill -9` at random moments, again and again: of who publishes, and of who follows. `npm run faults` does it more often. */
import { test } from "node:test";
import { killFollower, killPublisher } from "./kill-rounds.ts";

const LIMIT = { timeout: 600_000 };
const ROUNDS = 4;

test(
  `killed ${ROUNDS} times while it publishes, a node loses nothing that it acknowledged, and forks nothing`,
  LIMIT,
  async () => {
    await killPublisher(ROUNDS);
  },
);

test(
  `killed ${ROUNDS} times while it receives, a follower ends with all of the feed and its index`,
  LIMIT,
  async () => {
    await killFollower(ROUNDS);
  },
);
