import type { Command } from "commander";
import { counted, sha256Hex, toHex, utf8 } from "../../protocol/index.ts";
import type { CutSignature } from "../../protocol/index.ts";
import { authenticodeDigest, unsignFile, unsignTree } from "../artifact/index.ts";
import type { TakePiece, Unsigned } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { sumLine } from "../manifest/index.ts";
import { writeOutput, writeOutputWith } from "../output-file.ts";
import { assertNoInput, printerBeside } from "./beside-output.ts";
import { addCommonOptions } from "./options.ts";
import type { Printer, PrintOptions } from "./print.ts";

interface Options extends PrintOptions {
  readonly output?: string;
  readonly digest?: boolean;
  readonly authenticode?: boolean;
  readonly lenient?: boolean;
  readonly tree?: boolean;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .argument("<files...>", "signed or unsigned files")
    .option("-o, --output <file>", "write the normal form there, - for stdout; of one file")
    .option("--digest", "print its SHA-256 alone, as sha256sum does")
    .option("--authenticode", "of a PE file: also the SHA-256 that Authenticode signs")
    .option(
      "--tree",
      "of folders (an .app), or zip files with one: a list of the normal forms of all files in each",
    )
    .option("--lenient", "cut what is no signature, or not wholly, and tell of it, instead of refusing")
    .addHelpText(
      "after",
      `
The normal form of a file is the same with and without its signatures, whoever made them: compare it with what
you built. Formats: PE and EFI (Authenticode), Debian packages (debsigs), RPM,
APK (v1 to v3.1), MAR, Mach-O. Any other file is its own normal form.

Examples:
  samebits unsign shimx64.efi.signed
  samebits unsign shimx64.efi.signed -o shimx64.efi.bare
  samebits unsign --digest shimx64.efi.signed shimx64.efi
  samebits unsign --tree --digest Tool.app Tool.zip`,
    )
    .action(async (files: readonly string[], options: Options) => {
      if (options.output !== undefined && files.length > 1)
        throw new ClientError("usage/bad-option", "-o is for one file: name one, or leave it out");
      const printer = printerBeside("-o", options.output, options);
      for (const file of files) await (options.tree === true ? tellTree : tell)(file, options, printer);
    });
}

async function tell(file: string, options: Options, printer: Printer): Promise<void> {
  let done = 0;
  const stop = printer.progress(() => `samebits: ${Math.floor(done / 1_048_576)} MB of ${file}`);
  try {
    const unsigned = await unsign(file, options, (octets) => (done += octets));
    const authenticode = options.authenticode === true ? toHex(await authenticodeDigest(file)) : null;
    if (printer.json) return printer.object(formObject(file, unsigned, authenticode, options));
    for (const remark of unsigned.form.remarks) printer.note(`samebits: ${file}: ${remark}`);
    if (options.digest === true) printer.data(sumLine(toHex(unsigned.sha256), file));
    else for (const line of describe(file, unsigned, options)) printer.data(line);
    if (authenticode !== null) printer.data(`Authenticode  ${authenticode}`);
  } finally {
    stop();
  }
}

/** The list of the files of a folder, or of a zip file with one in it; its SHA-256 is the folder's. */
async function tellTree(folder: string, options: Options, printer: Printer): Promise<void> {
  const { output } = options;
  assertNoInput("-o", output, [folder]);
  const tree = await unsignTree(folder, { lenient: options.lenient === true });
  const { manifest, files, dropped, remarks } = tree;
  const sha256 = sha256Hex(utf8(manifest));
  if (output !== undefined) await writeOutput(output, manifest);
  if (printer.json) {
    return printer.object({
      samebits: 1,
      tree: folder,
      sha256,
      files,
      dropped,
      remarks,
      written: output ?? null,
    });
  }
  for (const remark of remarks) printer.note(`samebits: ${folder}: ${remark}`);
  if (options.digest === true) return printer.data(sumLine(sha256, folder));
  if (output === undefined) for (const line of manifest.trimEnd().split("\n")) printer.data(line);
  printer.note(
    `samebits: ${folder}: ${counted(files, "file")}, ${dropped.length} of signatures left out, ${sha256}`,
  );
}

/** Works the normal form out, and writes it where it is wanted. */
async function unsign(
  file: string,
  { output, lenient }: Options,
  tell: (octets: number) => void,
): Promise<Unsigned> {
  const form = { lenient: lenient === true };
  const count = async (piece: Uint8Array): Promise<void> => tell(piece.length);
  if (output === undefined) return unsignFile(file, form, count);
  assertNoInput("-o", output, [file]);
  let unsigned: Unsigned | null = null;
  await writeOutputWith(output, { replace: true }, async (put) => {
    const take: TakePiece = async (piece) => {
      await put(piece);
      tell(piece.length);
    };
    unsigned = await unsignFile(file, form, take);
  });
  if (unsigned === null) throw new ClientError("output/cannot-write", `${output}: nothing was written`);
  return unsigned;
}

function describe(file: string, { form, sha256 }: Unsigned, { output }: Options): readonly string[] {
  const what =
    form.signatures.length === 0 ? "no signature in it" : counted(form.signatures.length, "signature");
  return [
    `${file}   ${form.format}, ${what}`,
    ...form.signatures.map((each) => `  ${signatureLine(each)}`),
    `normal form   ${toHex(sha256)}  (${counted(form.size, "octet")})`,
    ...(output === undefined ? [] : [`written       ${output}`]),
  ];
}

function signatureLine({ kind, at, length, detail }: CutSignature): string {
  return `${kind.padEnd(14)}  octets ${at} to ${at + length - 1}: ${detail}`;
}

/** What `--json` prints (`protocol/spec/normal-form.schema.json`). */
function formObject(
  file: string,
  { form, sha256 }: Unsigned,
  authenticode: string | null,
  { output }: Options,
): object {
  const { format, size, signatures, remarks } = form;
  return {
    samebits: 1,
    file,
    format,
    sha256: toHex(sha256),
    size,
    signatures,
    remarks,
    authenticode,
    written: output ?? null,
  };
}
