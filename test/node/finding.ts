import type { Finding } from "../../protocol/index.ts";

/** A finding as a node keeps one: a fork of nobody's without evidence, but for the changes. */
export function testFinding(number: number, changes: Partial<Finding> = {}): Finding {
  return {
    number,
    kind: "fork",
    id: number.toString(16).padStart(64, "0"),
    keys: [],
    target: null,
    purl: null,
    file: null,
    step: null,
    evidence: null,
    time: 0,
    difference: false,
    ...changes,
  };
}
