/** samebits(1), in man(7)'s macros, from the help of the commands themselves. */
import { CATALOGUE } from "../../test/docs/catalogue.ts";

const EXITS = [
  [
    "0",
    "reproduced: as many builders as the policy asks for got these bits; or the command did what it should",
  ],
  ["1", "contradicted: builders of the policy got other bits; of doctor: something fails"],
  ["2", "pending: not enough builders have said so"],
  ["3", "no rule of the policy is for it, it is not what it should be, or the policy is invalid or expired"],
  ["4", "octets that were named are bad"],
  ["64, 66, 69, 70, 73", "usage; no input; nobody could be asked; internal error; cannot write"],
] as const;
const FILES = [
  [
    "/etc/samebits/config.toml",
    "configuration of the machine; a user's own is ~/.config/samebits/config.toml",
  ],
  ["/etc/samebits/policy.toml", "whom the machine believes"],
  ["/var/lib/samebits", "what the node of the service holds"],
] as const;

/** The page's source; `seconds` since 1970 is its date. */
export function manualOf(seconds: number): string {
  const [date] = new Date(1_000 * seconds).toISOString().split("T");
  const commands = [...CATALOGUE.values()].map(
    ({ name, help }) => `.SS samebits ${escape(name)}\n${asIs(help)}`,
  );
  return [
    `.TH SAMEBITS 1 "${date}" samebits "User commands"`,
    ".SH NAME\nsamebits \\- did everyone who built this get the same bits?",
    ".SH SYNOPSIS\n.B samebits\n.I command\n[\\fIoption\\fR ...] [\\fIargument\\fR ...]",
    ".SH DESCRIPTION\nsamebits is a peer\\-to\\-peer network for reproducible builds. Independent builders sign what they got; a policy of yours says whom you believe, and how many of them have to agree.",
    "Every option has a twin in the environment: \\-\\-max\\-store is SAMEBITS_MAX_STORE.",
    `.SH COMMANDS\n${commands.join("\n")}`,
    `.SH EXIT STATUS\n${listed(EXITS)}`,
    `.SH FILES\n${listed(FILES)}`,
    ".SH SEE ALSO\n/usr/share/doc/samebits/docs/README.md",
    "",
  ].join("\n");
}

function listed(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([what, words]) => `.TP\n.B ${escape(what)}\n${escape(words)}`).join("\n");
}

function asIs(text: string): string {
  return `.nf\n${text.trim().split("\n").map(escape).join("\n")}\n.fi`;
}

/** What begins with a dot or an apostrophe would be a request. */
function escape(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
