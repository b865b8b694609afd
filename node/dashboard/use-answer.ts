/** An answer of the node, asked for again when there is news; what was there stays in sight meanwhile. */
import { useEffect, useState } from "preact/hooks";
import type { RecordShape } from "../../protocol/index.ts";
import { ask } from "./ask.ts";

export interface Answered<Value> {
  readonly value: Value | null;
  /** What went wrong with the last question, in words. */
  readonly problem: string | null;
}

/** `path` null asks nothing. `read` has to be the same function each time. */
export function useAnswer<Value>(
  path: string | null,
  read: (root: RecordShape) => Value,
  version: number,
): Answered<Value> {
  const [state, setState] = useState<Answered<Value> & { readonly path: string | null }>({
    value: null,
    problem: null,
    path: null,
  });
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    ask(path, read, stop.signal).then(
      (value) => setState({ value, problem: null, path }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        setState((before) => ({ value: before.path === path ? before.value : null, problem, path }));
      },
    );
    return () => stop.abort();
  }, [path, version]);
  return state.path === path ? state : { value: null, problem: null };
}
