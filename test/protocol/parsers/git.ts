/** Parsers of git's objects, and of signatures of OpenSSH's. */
import * as core from "../../../protocol/index.ts";
import { octets } from "./parser.ts";
import type { Parser } from "./parser.ts";

const tag = octets("git/tag-ssh-v2.txt");
const { signed } = core.parseGitTag(tag);

export const OF_GIT: readonly Parser[] = [
  {
    name: "parseGitTag",
    codes: ["git/bad-object"],
    read: core.parseGitTag,
    again: ({ bytes }: core.GitTag) => bytes,
    samples: [tag, octets("git/tag-gpg-v1.txt")],
    limit: [core.MAX_GIT_OBJECT_BYTES, "git/bad-object"],
  },
  {
    name: "parseGitCommit",
    codes: ["git/bad-object"],
    read: core.parseGitCommit,
    again: ({ bytes }: core.GitCommit) => bytes,
    samples: [octets("git/commit-gpg.txt")],
    limit: [core.MAX_GIT_OBJECT_BYTES, "git/bad-object"],
  },
  {
    name: "readSshSignature",
    codes: ["ssh/bad-signature", "key/"],
    read: core.readSshSignature,
    samples: [signed?.signature ?? tag],
    lineEnd: true,
    limit: [core.MAX_SSH_SIGNATURE_BYTES, "ssh/bad-signature"],
  },
];
