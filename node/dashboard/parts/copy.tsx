/** A command to be copied. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";

const SHOWN_MS = 2_000;

export function Command({ text }: { readonly text: string }): VNode {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        setDone(true);
        setTimeout(() => setDone(false), SHOWN_MS);
      },
      () => setDone(false),
    );
  };
  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" class="bare" onClick={copy}>
        <span aria-live="polite">{done ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
