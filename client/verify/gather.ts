import { joinRaw } from "../../protocol/index.ts";
import type { FindResult, Question, RawFindings, RawHead } from "../../protocol/index.ts";
import type { Source } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { uptimeMs } from "../uptime.ts";

/** What a source handed over, unverified, and how many answered. */
export interface Gathered {
  readonly raw: RawFindings;
  readonly peers: number;
  readonly dht: number;
  /** All that was asked has answered or given up (RULES R20). */
  readonly ended: boolean;
  /** What the source itself failed with; what came before it is kept. */
  readonly failure: ClientError | null;
}

export const NOTHING: RawFindings = { entries: [], envelopes: [], heads: [], evidence: [] };

/** Puts the questions to a source, one after the other, all within `deadlineMs`. Never rejects because of what a source does. */
export async function gather(
  source: Source,
  questions: readonly Question[],
  options: { readonly network: boolean; readonly deadlineMs: number },
): Promise<Gathered> {
  const answers: FindResult[] = [];
  let failure: ClientError | null = null;
  try {
    await source.ready?.();
  } catch (error) {
    return { raw: NOTHING, peers: 0, dht: 0, ended: false, failure: asClientError(source, error) };
  }
  const until = uptimeMs() + options.deadlineMs;
  for (const question of questions) {
    const left = Math.floor(until - uptimeMs());
    if (left <= 0) break;
    try {
      answers.push(await source.find(question, { network: options.network, deadlineMs: left }));
    } catch (error) {
      failure = asClientError(source, error);
      break;
    }
  }
  const ended = answers.length === questions.length && answers.every((answer) => answer.ended);
  return {
    raw: joinRaw(answers.map((answer) => rawOf(answer, source.trusted && ended))),
    peers: Math.max(0, ...answers.map(({ peers }) => peers.replied)),
    dht: Math.max(0, ...answers.map(({ dht }) => dht.replied)),
    ended,
    failure,
  };
}

/**
 * A stranger's word that it holds a feed in full is worth nothing (RULES R21, R24); nor is anybody's where not all that was asked for was
 * looked at and handed over: a feed that is not seen in full says nothing by its silence.
 */
function rawOf({ found, heads, cosigned: told, joins, evidence }: FindResult, isWhole: boolean): RawFindings {
  const seen = (note: Uint8Array): RawHead => ({ checkpoint: note, timed: null, complete: false });
  return {
    entries: found,
    envelopes: [],
    heads: [
      ...heads.flatMap(({ checkpoint, timed, cosigned, size, held, indexed }) => [
        { checkpoint, timed, complete: isWhole && held === size && indexed === size },
        ...cosigned.map(seen),
      ]),
      ...told.map(seen),
    ],
    joins,
    evidence,
  };
}

function asClientError(source: Source, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  return new ClientError("api/unreachable", `${source.name} cannot be asked: ${why}${code}`, {
    cause: error,
  });
}
