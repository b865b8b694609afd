/** The door of `protocol/git/`: commits and tags, and who signed them (`protocol/spec/git.md`). */
export { gitId, parseGitCommit, parseGitTag } from "./object.ts";
export type { GitCommit, GitHash, GitSigned, GitTag } from "./object.ts";
export { gitSigners } from "./signers.ts";
