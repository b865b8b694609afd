/** What an answer rests on. */
import type { VNode } from "preact";
import type { NamedBundle, NamedPolicy } from "../checking.ts";
import type { LiveState } from "../live.ts";
import { short } from "../words.ts";

interface RestsProps {
  readonly policy: NamedPolicy | null;
  readonly bundle: NamedBundle | null;
  readonly live: LiveState | null;
}

/** What one has to trust, so that nobody takes the page for more than it is. */
export function RestsOn({ policy, bundle, live }: RestsProps): VNode {
  return (
    <section class="card" aria-labelledby="rests">
      <h2 id="rests">What the answer rests on</h2>
      <ul class="rests">
        <li>
          <b>This page's script.</b>{" "}
          {live === null
            ? "You opened it from a file: it is what it was when it was saved, and asks nobody."
            : "The node served it. A node that lies could serve a script that lies. So save the page from a node that you trust, keep it, and use it with bundles from anybody; or use the command samebits verify."}
        </li>
        <li>
          <b>The policy.</b> {policyWords(policy)}
        </li>
        <li>
          <b>What was handed over.</b>{" "}
          {bundle !== null
            ? `The bundle ${bundle.name}${live === null ? "" : ", and what the node holds"}. `
            : live === null
              ? "Nothing yet: drop a bundle. "
              : "What the node holds. "}
          Nothing in it can be made up, as every signature is checked; but whoever handed it over may have
          left something out, a dissent too.
        </li>
      </ul>
      {live !== null && (
        <p class="line">
          <a class="button" href="/verify.html" download="samebits-verify.html">
            Save this page
          </a>
          <span class="soft small">One file that works without any node.</span>
        </p>
      )}
    </section>
  );
}

function policyWords(policy: NamedPolicy | null): string {
  if (policy === null) return "There is none: drop a .toml file that says whose word counts for you.";
  const whose = policy.isBrought
    ? "You brought it"
    : "It is the node's, not yours: drop your own to decide yourself";
  return `${policy.name}, SHA-256 ${short(policy.policy.sha256)}. ${whose}.`;
}
