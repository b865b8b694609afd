/** Parameters of a layout (in-toto specification 4.3.6), as far as they can do no harm: names stand for plain words, and nothing else is a format. */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import type { ArtifactRule, Inspection, Layout, Step } from "./types.ts";

/** What a value may be: it can be no pattern, and no second word of a command. */
const VALUE = /^[A-Za-z0-9_.+~:/-]{1,256}$/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** What begins or ends a placeholder, or is a brace. */
const BRACES = /\{\{|\}\}|\{[^{}]*\}|[{}]/g;

/** Whether parameters have such names. */
export function isParameterName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a parameter may be that. */
export function isParameterValue(text: string): boolean {
  return VALUE.test(text);
}

/**
 * The layout with its parameters filled in, in commands and rules. Without any, braces are what they are, but a placeholder in a rule is
 * an error all the same: a rule about nothing would let everything by. Throws `layout/parameter` with the place.
 */
export function fillIn(layout: Layout, parameters: ReadonlyMap<string, string>): Layout {
  for (const [name, value] of parameters) assertParameter(name, value);
  return Object.freeze({
    ...layout,
    steps: layout.steps.map((step): Step => {
      const at = `step ${quote(step.name)}`;
      return {
        ...step,
        ...rules(step, at, parameters),
        expectedCommand: words(step.expectedCommand, at, parameters),
      };
    }),
    inspections: layout.inspections.map((inspection): Inspection => {
      const at = `inspection ${quote(inspection.name)}`;
      return {
        ...inspection,
        ...rules(inspection, at, parameters),
        run: words(inspection.run, at, parameters),
      };
    }),
  });
}

function assertParameter(name: string, value: string): void {
  if (!isParameterName(name))
    throw new ProtocolError("layout/parameter", `${quote(name)} is no name of a parameter`);
  if (!isParameterValue(value))
    throw new ProtocolError(
      "layout/parameter",
      `the parameter ${name} is ${quote(value)}: letters, digits and _.+~:/- expected, 256 at most`,
    );
}

function words(
  command: readonly string[],
  at: string,
  parameters: ReadonlyMap<string, string>,
): readonly string[] {
  return parameters.size === 0
    ? command
    : command.map((word) => filled(word, `the command of ${at}`, parameters));
}

function rules(
  { expectedMaterials, expectedProducts }: Pick<Step, "expectedMaterials" | "expectedProducts">,
  at: string,
  parameters: ReadonlyMap<string, string>,
): Pick<Step, "expectedMaterials" | "expectedProducts"> {
  const fill = (text: string): string => {
    if (parameters.size > 0) return filled(text, `a rule of ${at}`, parameters);
    const [placeholder] = /\{[A-Za-z0-9_-]{1,64}\}/.exec(text) ?? [];
    if (placeholder === undefined) return text;
    throw new ProtocolError(
      "layout/parameter",
      `a rule of ${at} names the parameter ${placeholder}, and none is given (a brace that is one is written [{])`,
    );
  };
  const all = (some: readonly ArtifactRule[]): readonly ArtifactRule[] =>
    some.map((rule) => ruleWith(rule, fill));
  return { expectedMaterials: all(expectedMaterials), expectedProducts: all(expectedProducts) };
}

function ruleWith(rule: ArtifactRule, fill: (text: string) => string): ArtifactRule {
  if (rule.kind !== "match") return { ...rule, pattern: fill(rule.pattern) };
  const { pattern, source, destination, step } = rule;
  return {
    ...rule,
    pattern: fill(pattern),
    source: source === null ? null : fill(source),
    destination: destination === null ? null : fill(destination),
    step: fill(step),
  };
}

/** As Python's `str.format`, of which only `{NAME}`, `{{` and `}}` are taken. */
function filled(text: string, at: string, parameters: ReadonlyMap<string, string>): string {
  return text.replace(BRACES, (found) => {
    if (found === "{{") return "{";
    if (found === "}}") return "}";
    const value = found.length > 2 ? parameters.get(found.slice(1, -1)) : undefined;
    if (value !== undefined) return value;
    throw new ProtocolError(
      "layout/parameter",
      `${at}: ${quote(found)} in ${quote(text)} is no parameter that is given`,
    );
  });
}
