/**
 * Commits and tags in scenes: `git=C1 branch=main repository=https://git.example/hello tags=v1:w,v1-review:x`. A tag is `NAME:SIGNER`, `NAME:SIGNER#2`
 * by a second key, `NAME:SIGNER@C2` of another commit, `NAME:` by nobody. `signed=w`: the commit itself. `object=X`: other octets than the
 * commit's are said to have its id. `octets=C2`: those of another commit stand beside it. `dirty`: files had been changed.
 */
import { createPrivateKey, sign as signRaw } from "node:crypto";
import type { Descriptor } from "../../../protocol/attestation/index.ts";
import { concat, fromUtf8, toBase64, toHex, u32be, utf8, writePkcs8 } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import { gitId, parseGitCommit, parseGitTag } from "../../../protocol/git/index.ts";
import { digest, signer } from "./cast.ts";

const NONE = { uri: null, sha256: null, gitCommit: null, gitTag: null };

/** The materials that these words mean; none without `git`. */
export function gitMaterialsOf(options: ReadonlyMap<string, string>): readonly Descriptor[] {
  const name = options.get("git");
  if (name === undefined) return [];
  const commit = commitOf(name, options.get("signed"));
  const id = gitId(parseGitCommit(commit));
  const object = options.get("object");
  const beside = options.get("octets");
  const repository = options.get("repository");
  const tags = (options.get("tags") ?? "").split(",").filter((tag) => tag !== "");
  const said = { branch: options.get("branch") ?? null, isDirty: options.has("dirty"), isSubmodule: false };
  return [
    {
      ...NONE,
      name: "source",
      uri: repository === undefined ? null : `git+${repository}@${id}`,
      gitCommit: id,
      // Whoever names ids only says nothing of octets.
      ...(options.has("bare") ? {} : { sha256: object === undefined ? sha256(commit) : digest(object) }),
      ...(options.has("bare") || object !== undefined
        ? {}
        : { content: beside === undefined ? commit : commitOf(beside) }),
      ...(said.branch === null && !said.isDirty ? {} : { said }),
    },
    ...tags.map((tag) => tagMaterial(tag, id)),
  ];
}

function tagMaterial(words: string, commit: string): Descriptor {
  const [, name = "", by = "", number = "1", of] = /^([^:]+):([^#@]*)(?:#(\d))?(?:@(.+))?$/.exec(words) ?? [];
  const object = of === undefined ? commit : gitId(parseGitCommit(commitOf(of)));
  const payload = utf8(
    `object ${object}\ntype commit\ntag ${name}\ntagger ${by} <${by}> 1 +0000\n\n${name}\n`,
  );
  const octets = by === "" ? payload : concat(payload, sshSignature(payload, by, Number(number)));
  return { ...NONE, name, gitTag: gitId(parseGitTag(octets)), sha256: sha256(octets), content: octets };
}

function commitOf(name: string, by?: string): Uint8Array {
  const tree = toHex(digest(name)).slice(0, 40);
  const head = `tree ${tree}\nauthor ${name} <${name}> 1 +0000\n`;
  const rest = `\n${name}\n`;
  if (by === undefined) return utf8(head + rest);
  const armored = fromUtf8(sshSignature(utf8(head + rest), by, 1)).trimEnd();
  return utf8(`${head}gpgsig ${armored.replaceAll("\n", "\n ")}\n${rest}`);
}

const signatures = new Map<string, Uint8Array>();

/** As `ssh-keygen -Y sign -n git` makes them. What was signed before is not signed again. */
function sshSignature(document: Uint8Array, by: string, number: number): Uint8Array {
  const name = `${by} ${number} ${fromUtf8(document)}`;
  const signature = signatures.get(name) ?? newSignature(document, by, number);
  signatures.set(name, signature);
  return signature;
}

function newSignature(document: Uint8Array, by: string, number: number): Uint8Array {
  const { key } = signer(by, number);
  const string = (octets: Uint8Array): Uint8Array => concat(u32be(octets.length), octets);
  const text = (words: string): Uint8Array => string(utf8(words));
  const signed = concat(utf8("SSHSIG"), text("git"), text(""), text("sha256"), string(sha256(document)));
  const pkcs8 = Buffer.from(writePkcs8(sha256(utf8(`${by} ${number}`))));
  const value = signRaw(null, signed, createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
  const blob = concat(
    utf8("SSHSIG"),
    u32be(1),
    string(concat(text("ssh-ed25519"), string(key.raw))),
    ...["git", "", "sha256"].map(text),
    string(concat(text("ssh-ed25519"), string(new Uint8Array(value)))),
  );
  const lines = toBase64(blob).match(/.{1,70}/g) ?? [];
  return utf8(`-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`);
}
