/** What a `console` block shows: commands, and what each of them prints (CONTRIBUTING, "Documents"). */

export interface Step {
  readonly command: string;
  /** What it prints, with its elisions. */
  readonly shown: string;
}

const PROMPT = "$ ";
const GOES_ON = "> ";
const ELISION = "…";

/** The steps of a `console` block. Throws for output before the first command. */
export function readTranscript(text: string): readonly Step[] {
  const steps: { command: string; shown: string[] }[] = [];
  for (const line of text.split("\n")) {
    const last = steps.at(-1);
    if (line.startsWith(PROMPT)) steps.push({ command: line.slice(PROMPT.length), shown: [] });
    else if (last === undefined)
      throw new Error(`a console block begins with "${PROMPT}", not with: ${line}`);
    else if (last.command.endsWith("\\") && line.startsWith(GOES_ON)) {
      last.command += `\n${line.slice(GOES_ON.length)}`;
    } else last.shown.push(line);
  }
  return steps.map(({ command, shown }) => ({ command, shown: shown.map((line) => `${line}\n`).join("") }));
}

/**
 * Whether output is what is shown. `…` within a line stands for one or more characters of that line, a line that is nothing but
 * `…` for one or more lines; everything else is compared as it stands.
 */
export function isShown(shown: string, output: string): boolean {
  const pattern = shown
    .split("\n")
    .map((line, at, all) => (line === ELISION ? "(?:[^\\n]*\\n)+?" : lineOf(line, at === all.length - 1)))
    .join("");
  return new RegExp(`^${pattern}$`, "u").test(output);
}

function lineOf(line: string, isLast: boolean): string {
  const text = line
    .split(ELISION)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .join("[^\\n]+?");
  return isLast ? text : `${text}\\n`;
}

/** A command that goes on by itself: it is ended with its page. */
export function isBackground(command: string): boolean {
  return command.endsWith(" &");
}
