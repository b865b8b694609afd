/** Somebody has seen to an alert: the node keeps it, with a note, for who has its token. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Alert } from "../alert-words.ts";
import { send } from "../ask.ts";

interface AcknowledgeProps {
  readonly alert: Alert;
  readonly onAcknowledged: (id: string, note: string) => void;
}

export function Acknowledge({ alert, onAcknowledged }: AcknowledgeProps): VNode {
  const [note, setNote] = useState("");
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  if (alert.isAcknowledged)
    return (
      <p class="note">
        Seen to: {alert.findings[0].acknowledged === "" ? "without a note" : alert.findings[0].acknowledged}
      </p>
    );
  const acknowledge = async (): Promise<void> => {
    for (const { id, acknowledged } of alert.findings) {
      if (acknowledged !== null) continue;
      await send(`/v1/findings/${id}/ack`, { note }, (root) => root.string("acknowledged"), token.trim());
      onAcknowledged(id, note);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setProblem(null);
    acknowledge().catch((error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <details>
      <summary>I have seen to it</summary>
      <form class="line low" onSubmit={submit}>
        <label class="field grow">
          Note for others
          <input
            type="text"
            maxLength={500}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <label class="field grow">
          The node's token (file token in its data directory)
          <input
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button main">
          Acknowledge
        </button>
      </form>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </details>
  );
}
