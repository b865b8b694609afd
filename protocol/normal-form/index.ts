/** From a signed file to the one that was signed: what to cut, and what the rest is (`protocol/spec/normal-forms.md`). Pure. */
export { applyEdits } from "./edits.ts";
export type { Edit, Edits } from "./edits.ts";
export { FORM_HEAD_BYTES, likelyFormat, normalForm } from "./find.ts";
export type { FormOptions } from "./find.ts";
export { isWholeForm } from "./form.ts";
export type { CutSignature, FormFormat, NormalForm, SignatureKind } from "./form.ts";
export { authenticodeEdits } from "./pe.ts";
export { runReads } from "./reads.ts";
export type { FileRead, FileReading } from "./reads.ts";
export { readZipTree } from "./zip-tree.ts";
export type { TreeEntry } from "./zip-tree.ts";
