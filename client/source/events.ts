import { MAX_EVENT_BYTES, utf8 } from "../../protocol/index.ts";
import type { NotedFinding } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { wait } from "../wait.ts";
import { readAnswer, refused } from "./answer.ts";
import { addressWords, open, readBounded } from "./http.ts";
import type { Address } from "./http.ts";
import { readFinding } from "./read-finding.ts";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
const OK = 200;

/**
 * Findings of a node from number `since` on, for ever: when the stream ends, it is opened again where it ended, so that none is missed.
 * Throws where the node can't be reached the first time, and `api/bad-answer` for what is no event stream.
 */
export async function* followEvents(
  address: Address,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<NotedFinding> {
  let next = since;
  let reached = false;
  let pause = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      for await (const finding of oneStream(address, next, signal)) {
        next = Math.max(next, finding.number);
        pause = FIRST_RETRY_MS;
        yield finding;
      }
      reached = true;
    } catch (error) {
      const lost = error instanceof ClientError && error.code === "api/unreachable";
      if (signal.aborted) return;
      if (!lost || !reached) throw error;
    }
    await wait(pause, signal);
    pause = Math.min(2 * pause, LAST_RETRY_MS);
  }
}

async function* oneStream(
  address: Address,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<NotedFinding> {
  const name = addressWords(address);
  const path = `/v1/events?since=${since}`;
  const answer = await open(
    address,
    { method: "GET", path, headers: { accept: "text/event-stream" } },
    signal,
  );
  if (answer.statusCode !== OK) {
    throw refused(address, await readBounded(answer, MAX_EVENT_BYTES));
  }
  answer.setEncoding("utf8");
  let rest = "";
  try {
    for await (const part of answer) {
      rest += String(part);
      const events = rest.split("\n\n");
      rest = events.pop() ?? "";
      if (rest.length > MAX_EVENT_BYTES)
        throw new ClientError("api/bad-answer", `${name}: an event of more than ${MAX_EVENT_BYTES} octets`);
      for (const event of events) {
        const data = dataOf(event);
        if (data !== null) yield readAnswer(name, () => readFinding(utf8(data)));
      }
    }
  } catch (error) {
    if (error instanceof ClientError) throw error;
    // The node stopped, or the connection broke: the caller asks again.
  } finally {
    answer.destroy();
  }
}

/** The data lines of one event of the stream; null for a comment, or an event of another name. */
function dataOf(event: string): string | null {
  const lines = event.split("\n");
  if (!lines.includes("event: finding")) return null;
  return lines
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice("data: ".length))
    .join("\n");
}
