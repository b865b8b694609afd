/** `source` of a rule: that all who count built from the same, and who has to have stated it. */
import { isJsonObject } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import type { Requirement, SourceRule, Way } from "./types.ts";

const SAME = ["same"] as const;

/** `"same"`, or who states it, which `read` reads and `meet` tries. Throws what these throw, and `shape/…`. */
export function readSource(
  shape: Shape | undefined,
  read: (fields: RecordShape) => Requirement,
  meet: (shape: Shape, requirement: Requirement) => readonly Way[],
): SourceRule | null {
  if (shape === undefined) return null;
  if (!isJsonObject(shape.value)) {
    shape.oneOf(SAME);
    return Object.freeze({ stated: null });
  }
  const requirement = read(shape.record());
  return Object.freeze({ stated: Object.freeze({ requirement, ways: meet(shape, requirement) }) });
}
