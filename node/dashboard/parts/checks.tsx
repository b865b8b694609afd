/** What was checked here, each with whether it holds. */
import type { VNode } from "preact";
import type { Check } from "../statement.ts";
import { Mark } from "./mark.tsx";

export interface NamedCheck extends Check {
  readonly name: string;
}

export function Checks({ checks }: { readonly checks: readonly NamedCheck[] }): VNode {
  return (
    <ul class="checks">
      {checks.map(({ name, holds, words }) => (
        <li key={name}>
          <Mark state={holds ? "same" : "other"} />
          <span>
            <b>
              {name} {holds ? "holds" : "DOES NOT HOLD"}
            </b>
            <span class="soft">: {words}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
