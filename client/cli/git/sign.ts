import type { Command } from "commander";
import { counted } from "../../../protocol/index.ts";
import type { GitOptions, Sealed } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import { addToNote, commitOf, NOTES_REF } from "../../git/index.ts";
import { attestFiles } from "../attest.ts";
import type { SigningOptions } from "../attesting.ts";
import { addCommitOptions, addFormOptions } from "../attest-options.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";

interface Options extends Omit<SigningOptions, "predicate">, Omit<GitOptions, "git"> {
  readonly purl?: string;
  readonly how: string;
  readonly ref?: readonly string[];
  readonly material?: readonly string[];
  readonly buildinfo?: string;
  readonly one?: boolean;
  readonly emitUnsigned?: boolean;
  readonly attach?: string;
  readonly notes: boolean;
}

export function defineSign(command: Command): void {
  const withCommit = addCommitOptions(
    addCommonOptions(command)
      .argument("<file...>", "what you built from the commit (with --attach: what --emit-unsigned wrote)")
      .requiredOption(
        "--key <key>",
        "your key: a file (a public one with --emit-unsigned and --attach), ssh-agent:SHA256:…, or gpg:FINGERPRINT",
      )
      .option("--passphrase-file <file>", "its passphrase is the first line of this file")
      .option("--ref <ref...>", "the commit that it was built from, and tags of it (default: HEAD)"),
  );
  addFormOptions(
    withCommit
      .option("--purl <purl>", "what the file is, where its format does not say so")
      .option("--step <name>", "what was done", "rebuild")
      .option("--how <how>", "`built`, or `compared` with a build", "built")
      .option("--material <file...>", "what else went in (give FILE before, or `--` after)")
      .option("--buildinfo <file>", "the build's .buildinfo: its environment, and itself as a material"),
  )
    .option("--one", "one envelope for all files")
    .option("--replace", "take back what this key said before with another digest")
    .option("-o, --output <dir>", "folder for envelopes, or - for stdout (default: beside the file)")
    .option("--publish", "hand them to the node too")
    .option("--no-notes", "do not put them into the note of the commit")
    .option("--emit-unsigned", "write what an air-gapped key is to sign")
    .option("--attach <file>", "put such a key's signature to what was written")
    .addHelpText(
      "after",
      `
Author, reviewers and CI each build from the tag, and sign what they got, with a key of their own. The envelopes stand in
${NOTES_REF}, which goes where the repository goes: git push origin ${NOTES_REF}

Examples:
  samebits git sign tool-1.0.tar --purl pkg:generic/tool@1.0 --ref v1.0 --key author.key
  samebits git sign tool-1.0.tar --purl pkg:generic/tool@1.0 --ref v1.0 --key ssh-agent:SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
  samebits git sign tool-1.0.tar --purl pkg:generic/tool@1.0 --ref v1.0 --key reviewer.pub --emit-unsigned
  samebits git sign X.unsigned --attach X.sig --key reviewer.pub`,
    )
    .action(sign);
}

async function sign(files: readonly string[], options: Options): Promise<void> {
  const { ref = ["HEAD"], notes, ...others } = options;
  const sealed = await attestFiles(files, { ...others, git: ref, predicate: "link" });
  if (!notes || sealed.length === 0) return;
  const commit = await commitFor(sealed, options.ref?.[0]);
  const { added, known } = await addToNote(
    commit,
    sealed.map(({ envelope }) => envelope),
  );
  const printer = openPrinter(options);
  const isApart = options.output === "-";
  if (printer.json && !isApart) return printer.object({ samebits: 1, commit, ref: NOTES_REF, added, known });
  const before = known === 0 ? "" : `, ${known} there already`;
  const line = `note       commit ${commit}: ${counted(added, "envelope")} more${before}`;
  if (isApart) printer.note(line);
  else printer.data(line);
}

/** Whose note they belong into: the commit that they name. Throws `usage/bad-option` where `--ref` is of another one. */
async function commitFor(sealed: readonly Sealed[], ref: string | undefined): Promise<string> {
  const claims = sealed.flatMap(({ verified }) => verified.claims);
  // Of what was built from changed files the commit is no source, and goes along all the same.
  const named = claims.map(({ source, git }) => source?.commit ?? git?.objects.find(isCommit)?.id ?? null);
  const said = named.find((id) => id !== null) ?? null;
  const commit = await commitOf(ref ?? said ?? "HEAD");
  if (said === null || said === commit) return commit;
  throw new ClientError(
    "usage/bad-option",
    `--ref ${ref}: what was signed says that it is from commit ${said}, and this is ${commit}; no note was written`,
  );
}

const isCommit = ({ kind }: { readonly kind: string }): boolean => kind === "commit";
