/** Layouts and links in words: who does what from what, until when, and who has signed. */
import {
  counted,
  formatTime,
  isJsonObject,
  keyIdKha,
  parseAttestation,
  ProtocolError,
  sameKey,
} from "../../../protocol/index.ts";
import type { Artifacts, JsonValue, Layout, Link, PublicKey } from "../../../protocol/index.ts";
import { layoutFileOf, lookAt, ruleWords } from "../../layout/index.ts";
import type { LookedAt } from "../../layout/index.ts";
import { ClientError } from "../../errors.ts";
import { plain } from "./shown.ts";
import type { KnownKey, Shown } from "./shown.ts";

/** Files that are listed one by one. */
const MAX_SHOWN = 20;
const DAY_MS = 86_400_000;

/** A layout, or a link with more in it than any attestation has; null for all others. */
export async function showLayout(bytes: Uint8Array, keys: readonly KnownKey[]): Promise<Shown | null> {
  const file = fileIn(bytes);
  if (file === null || (file.content.kind === "link" && isAttestation(bytes))) return null;
  const looked = await lookAt(file, keys);
  return {
    kind: "attestation",
    facts: layoutLines(looked, keys, Date.now()),
    proven: looked.signers.map(({ name }) => `${plain(name)} signed exactly this.`),
    notProven:
      file.content.kind === "layout"
        ? [
            "that those who signed may say so: that takes their keys from somebody you trust (samebits verify --layout-key).",
          ]
        : [
            "that what it says is true: that takes a layout, and others who say the same (samebits verify --layout).",
          ],
  };
}

function isAttestation(bytes: Uint8Array): boolean {
  try {
    parseAttestation(bytes);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function fileIn(bytes: Uint8Array): LookedAt["file"] | null {
  try {
    return layoutFileOf(bytes, "it");
  } catch (error) {
    if (error instanceof ClientError) return null;
    throw error;
  }
}

/** What a file says, a line each: what no key at hand has signed is said as such. */
export function layoutLines(looked: LookedAt, keys: readonly KnownKey[], now: number): readonly string[] {
  const { content } = looked.file;
  return [
    ...(content.kind === "layout" ? saidByLayout(content, keys, now) : saidByLink(content)),
    ...signedLines(looked),
  ];
}

function saidByLayout(layout: Layout, keys: readonly KnownKey[], now: number): readonly string[] {
  const left = Math.floor((layout.expires - now) / DAY_MS);
  const until = formatTime(layout.expires);
  return [
    `layout     ${counted(layout.steps.length, "step")}`,
    ...(layout.readme === "" ? [] : [`readme     ${plain(layout.readme)}`]),
    layout.expires > now ? `until      ${until}, ${counted(left, "day")} from now` : `expired    ${until}`,
    ...layout.steps.flatMap(({ name, threshold, functionaries, expectedCommand, ...rules }) => [
      `step       ${plain(name)}: ${threshold} of ${counted(functionaries.length, "key")}`,
      ...functionaries.map((id) => `  by       ${nameOf(layout.keys.get(id), keys, id)}`),
      ...(expectedCommand.length === 0 ? [] : [`  runs     ${plain(expectedCommand.join(" "))}`]),
      ...ruleLines(rules),
    ]),
    ...layout.inspections.flatMap(({ name, run, ...rules }) => [
      `inspects   ${plain(name)}: runs ${run.length === 0 ? "nothing" : plain(run.join(" "))}`,
      ...ruleLines(rules),
    ]),
  ];
}

type Rules = Pick<Layout["steps"][number], "expectedMaterials" | "expectedProducts">;

function ruleLines({ expectedMaterials, expectedProducts }: Rules): readonly string[] {
  return [
    `  takes    ${ruleWords(expectedMaterials)
      .map((words) => plain(words))
      .join("; ")}`,
    `  gives    ${ruleWords(expectedProducts)
      .map((words) => plain(words))
      .join("; ")}`,
  ];
}

function saidByLink(link: Link): readonly string[] {
  const { name, command, materials, products } = link;
  const { returnValue, stdout, stderr } = ranOf(link);
  return [
    `link       of the step ${plain(name)}`,
    ...(command.length === 0 ? [] : [`  ran      ${plain(command.join(" "))}`]),
    ...(returnValue === null ? [] : [`  ended    with exit status ${returnValue}`]),
    ...[stdout, stderr].flatMap((text) =>
      text === null || text === "" ? [] : [`  printed  ${plain(text)}`],
    ),
    ...fileLines("took", materials),
    ...fileLines("gave", products),
  ];
}

/** What a link says of the run of its command, in in-toto's words; others are anybody's. */
export function ranOf({ byproducts }: Link): {
  readonly returnValue: number | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
} {
  const said = isJsonObject(byproducts) ? byproducts : new Map<string, JsonValue>();
  const [status, stdout, stderr] = ["return-value", "stdout", "stderr"].map((name) => said.get(name));
  return {
    returnValue: typeof status === "number" && Number.isInteger(status) ? status : null,
    stdout: typeof stdout === "string" ? stdout : null,
    stderr: typeof stderr === "string" ? stderr : null,
  };
}

function fileLines(verb: string, files: Artifacts): readonly string[] {
  if (files.size === 0) return [`  ${verb}     nothing`];
  const lines = [...files].slice(0, MAX_SHOWN).map(([name, digests]) => {
    const digest = [...digests].map(([algorithm, hex]) => `${plain(algorithm)} ${plain(hex)}`).join(", ");
    return `  ${verb}     ${plain(name)}  ${digest}`;
  });
  return files.size > MAX_SHOWN
    ? [...lines, `           and ${counted(files.size - MAX_SHOWN, "file")} more`]
    : lines;
}

function signedLines({ signers, unknown, file }: LookedAt): readonly string[] {
  if (file.document === null) return ["signed     by nobody yet"];
  return [
    ...signers.map(({ name }) => `signed     by ${plain(name)}`),
    ...unknown.map(
      (keyid) =>
        `signed     with a key that it calls ${plain(keyid ?? "nothing")}: none at hand made that signature`,
    ),
  ];
}

function nameOf(key: PublicKey | undefined, keys: readonly KnownKey[], id: string): string {
  const known = keys.find((one) => key !== undefined && sameKey(one.key, key));
  const words = key === undefined ? id : `${keyIdKha(key)} (${key.type})`;
  return known === undefined ? words : `${plain(known.name)}, ${words}`;
}
