/** Alerts as sinks get them, for tests. */
import type { Told } from "../../../client/edges.ts";

export function aTold(changes: Partial<Told> = {}): Told {
  return {
    event: "alert",
    delivery: "11".repeat(32),
    matter: "22".repeat(32),
    kind: "contradiction",
    severity: "warning",
    state: "open",
    change: "new",
    since: Date.now() - 1_000,
    headline: "alice and bob got different bits for hello",
    sentences: ["alice got 1.", "bob got 2."],
    check: "samebits evidence check",
    purl: "pkg:deb/debian/hello@1.0-1?arch=amd64",
    builders: ["alice", "bob"],
    line: '{"samebits":1,"event":"alert","text":["ä"]}',
    ...changes,
  };
}
