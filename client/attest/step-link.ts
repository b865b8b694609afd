/** Links of steps of a layout (protocol/spec/layouts.md), as in-toto's own tools write and read them. */
import {
  buildStepLink,
  checkSigners,
  jsonObject,
  linkFileName,
  parseAttestation,
  parseDocument,
  placeOfFile,
  ProtocolError,
  quote,
  sealMetablock,
  toHex,
  verifyWith,
} from "../../protocol/index.ts";
import type { Artifacts, Descriptor, Digests, PublicKey, Verified } from "../../protocol/index.ts";
import type { EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";

/** What a link says that somebody did. */
export interface StepDone {
  readonly step: string;
  readonly materials: readonly Descriptor[];
  readonly products: readonly Named[];
  readonly command: readonly string[];
  /** Null = nothing was run here. */
  readonly byproducts: {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  } | null;
}

/** The `signed` part of the link. Throws `statement/target-twice`, `layout/…`, `json/…` for what no link can say. */
export function stepLink({ step, materials, products, command, byproducts }: StepDone): Uint8Array {
  // Its file is named after it.
  if (step.includes("/"))
    throw new ProtocolError("layout/bad-document", `${quote(step)} names no step: it has a slash`);
  return buildStepLink({
    name: step,
    materials: artifactsOf(materials),
    products: artifactsOf(products),
    command,
    byproducts:
      byproducts === null
        ? jsonObject({})
        : jsonObject({
            "return-value": byproducts.status ?? undefined,
            stdout: byproducts.stdout,
            stderr: byproducts.stderr,
          }),
  });
}

/** A file or commit by the name that the link gives it. */
type Named = Pick<Descriptor, "name" | "sha256" | "gitCommit" | "gitTag">;

function artifactsOf(files: readonly Named[]): Artifacts {
  const artifacts = new Map<string, Digests>();
  for (const { name, sha256, gitCommit, gitTag } of files) {
    if (artifacts.has(name))
      throw new ProtocolError(
        "statement/target-twice",
        `${quote(name)} stands twice: a link knows files by name alone`,
      );
    const digests = [
      ["sha256", sha256 === null ? null : toHex(sha256)],
      ["gitCommit", gitCommit],
      ["gitTag", gitTag],
    ].flatMap(([algorithm, digest]) =>
      typeof digest === "string" && typeof algorithm === "string" ? [[algorithm, digest] as const] : [],
    );
    artifacts.set(name, new Map(digests));
  }
  return artifacts;
}

/** A link with its signature. */
export interface StepLink {
  readonly bytes: Uint8Array;
  /** `STEP.KEYID8.link`: where in-toto's tools look for it. */
  readonly fileName: string;
  /** Null where it has more in it than an entry of a feed. */
  readonly verified: Verified | null;
}

/** Signs a link as any of in-toto's tools checks it. Throws `key/…`. */
export async function sealStepLink(
  signed: Uint8Array,
  step: string,
  signer: EnvelopeSigner,
): Promise<StepLink> {
  const { key } = signer;
  const { sig, openPgpHeaders } = await signer.sign(signed);
  const bytes = sealMetablock(signed, [
    openPgpHeaders === null ? { key, sig } : { key, sig, openPgpHeaders },
  ]);
  const { signers } = await checkSigners(parseDocument(bytes), [key], placeOfFile(linkFileName(step, key)));
  if (signers.length === 0)
    throw new ClientError("key/bad-file", "the signature does not hold for this link; nothing was written");
  return { bytes, fileName: linkFileName(step, key), verified: await asEntry(bytes, key) };
}

async function asEntry(bytes: Uint8Array, key: PublicKey): Promise<Verified | null> {
  try {
    return await verifyWith(parseAttestation(bytes), key);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
