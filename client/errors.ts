/** The one error class of `client/`: stable codes, and the exit status that a command ends with (CONTRACT, RULES R31). */
export type ClientCode =
  | "usage/bad-option" // an option or argument that does not exist, or a value that it cannot have
  | "usage/nothing-to-do" // nothing was named that the command could work on
  | "config/bad-file" // the configuration or policy file cannot be read as one
  | "config/no-policy" // the command needs a policy, and none is named or found
  | "input/missing" // a file that was named is not there
  | "input/unreadable" // a file that was named cannot be read
  | "input/too-big" // a file that was named is longer than is ever read of its kind
  | "input/bad-manifest" // a list of files that is none of those read here, or has a fault
  | "input/bad-list" // a list of a package manager that has a fault, or cannot be had
  | "output/exists" // what must not be overwritten is there already
  | "output/cannot-write" // a file or folder cannot be written
  | "artifact/not-a-package" // the file's format does not say what it is: pass --purl
  | "artifact/bad-package" // a package whose control data cannot be read
  | "artifact/mismatch" // name, version or architecture inside differ from what was said outside
  | "artifact/not-unsigned" // a file is not what another one was before it was signed
  | "key/bad-file" // not the key, or not the signature, that is needed
  | "key/no-agent" // the ssh-agent or GnuPG cannot be asked
  | "key/refused" // the ssh-agent or GnuPG would not sign
  | "key/wrong-passphrase" // the passphrase is missing or does not open the key
  | "attest/conflicts" // this builder has another digest for the target (R13)
  | "attest/file-only" // a link that has no room in a feed was to be published
  | "layout/bad-file" // no layout or link, or no description of one
  | "layout/not-signable" // a layout that nobody should sign, or not like that
  | "trust/unreachable" // a source of a trust domain cannot be read
  | "trust/bad-document" // a document or file of a domain that does not hold
  | "trust/rollback" // a source shows an older document than was seen, or another one of that version
  | "trust/split" // two good roots of one version: the domain says nothing any more
  | "trust/expired" // the domain's root or targets, or a delegate's, are over
  | "trust/not-pinned" // no such domain is pinned, or several and none is named
  | "trust/no-policy" // the domain has no good policy for it
  | "trust/busy" // another command changes the domain at this moment
  | "import/nothing" // nothing was found that can be brought in
  | "import/unknown-key" // no key at hand made the signature
  | "import/unbound" // an instance lists it under another package than it is about
  | "rebuild/no-isolation" // nothing can be built in isolation here
  | "rebuild/no-chroot" // the system to build in can't be made
  | "rebuild/no-archive" // the archive's lists can't be had
  | "rebuild/bad-build" // what a build left can't be looked at
  | "rebuild/no-source" // the source package can't be had, or is not what its .dsc says
  | "rebuild/no-dependencies" // what the build needs can't be installed
  | "rebuilderd/unreachable" // an instance does not answer, or with an error
  | "rebuilderd/bad-answer" // its answer cannot be read
  | "rebuild/failed" // the command failed, or did not give what it should
  | "rebuild/not-started" // the command cannot be run
  | "rebuild/nothing-built" // what is there is older than the command
  | "rebuild/changed-material" // an input was changed by the command
  | "rebuild/interrupted" // it was told to stop before the result was there
  | "rebuild/busy" // another command works off the same jobs
  | "watch/busy" // another watch by this policy runs in this data directory
  | "watch/outbox-busy" // another watch tells the same sink from this data directory
  | "watch/bad-outbox" // what an outbox remembers can't be read
  | "watch/not-taken" // a sink did not take an alert
  | "watch/private-address" // a name leads into a private network
  | "api/unreachable" // no node answers
  | "api/refused" // the node says no, or is of another network
  | "api/bad-answer" // the node's answer cannot be read
  | "api/unauthorized" // the node's token is missing or wrong
  | "mirror/unreachable" // a mirror cannot be read
  | "mirror/bad-files" // what a mirror holds is not what the feed signed
  | "mirror/unfinished" // a mirror was not read to its end
  | "source/unfinished" // a recovery was interrupted
  | "source/none" // no source at all could be asked
  | "apt/bad-input" // what apt says of a transaction cannot be read
  | "apt/unknown-version" // apt speaks a later protocol for hooks
  | "apt/changed-file" // a file changed between a look at it and its use
  | "apt/unsafe-file" // somebody else than root can change what only root may
  | "apt/not-root" // only root may do that
  | "apt/bad-method" // what apt and a method of it say to each other cannot be read, or the method has ended
  | "apt/no-apt" // there is no apt here, or it cannot be asked
  | "pacman/bad-input" // what pacman says of a transaction cannot be read
  | "pacman/changed-file" // a file changed between a look at it and its use
  | "pacman/unsafe-file" // somebody else than root can change what only root may
  | "pacman/no-file" // the file that pacman is to install is nowhere to be found
  | "pacman/no-download" // the program that downloads has failed
  | "pacman/not-root" // only root may do that
  | "pacman/no-pacman" // there is no pacman here, or it cannot be asked
  | "bundle/bad-file" // a bundle, envelope or checkpoint that cannot be read or does not hold
  | "feed/unrecoverable" // entries of the feed are nowhere to be had, or two histories of it were signed
  | "feed/no-such-entry" // the feed has no entry of that index, or none with these octets
  | "git/no-object" // no such tag or commit here, or no git
  | "git/dirty" // files of the checkout are not those of the commit
  | "git/off-branch" // the commit is not on the branch that it has to be on
  | "git/no-note" // a commit's note holds no envelope
  | "git/cannot-write" // the notes of a repository cannot be written
  | "evidence/does-not-hold" // a proof that proves nothing
  | "demo/unexpected"; // something in the demo did not come out as it must

/** Exit codes beyond the verdict's 0 to 4 (CONTRACT, "Exit codes"). */
export const EXIT: {
  readonly ok: 0;
  readonly policy: 3;
  readonly badBytes: 4;
  readonly usage: 64;
  readonly noInput: 66;
  readonly unavailable: 69;
  readonly internal: 70;
  readonly cannotCreate: 73;
} = {
  ok: 0,
  policy: 3,
  badBytes: 4,
  usage: 64,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
};

/** By code, else by its area. */
const EXIT_BY: ReadonlyMap<string, number> = new Map([
  ["trust/unreachable", EXIT.unavailable],
  ["trust/busy", EXIT.cannotCreate],
  ["trust", EXIT.policy],
  ["usage", EXIT.usage],
  ["config", EXIT.policy],
  ["input", EXIT.noInput],
  ["output", EXIT.cannotCreate],
  ["artifact/not-unsigned", EXIT.badBytes],
  ["artifact", EXIT.policy],
  ["key", EXIT.noInput],
  ["attest/file-only", EXIT.usage],
  ["attest", EXIT.badBytes],
  ["layout", EXIT.badBytes],
  ["import", EXIT.badBytes],
  ["rebuild/no-isolation", EXIT.unavailable],
  ["rebuild/no-chroot", EXIT.unavailable],
  ["rebuild/no-archive", EXIT.unavailable],
  ["rebuild/no-source", EXIT.unavailable],
  ["rebuild/no-dependencies", EXIT.unavailable],
  ["rebuild/bad-build", EXIT.unavailable],
  ["rebuilderd", EXIT.unavailable],
  ["rebuild/busy", EXIT.cannotCreate],
  ["rebuild/not-started", EXIT.noInput],
  ["rebuild", 1],
  ["watch/outbox-busy", EXIT.cannotCreate],
  ["watch/bad-outbox", EXIT.noInput],
  ["watch/not-taken", EXIT.unavailable],
  ["watch/private-address", EXIT.unavailable],
  ["watch", EXIT.cannotCreate],
  ["api", EXIT.unavailable],
  ["mirror", EXIT.unavailable],
  ["source", EXIT.unavailable],
  ["apt/bad-input", EXIT.noInput],
  ["apt/not-root", EXIT.cannotCreate],
  ["apt/no-apt", EXIT.unavailable],
  ["apt/bad-method", EXIT.unavailable],
  ["apt", EXIT.policy],
  ["pacman/bad-input", EXIT.noInput],
  ["pacman/not-root", EXIT.cannotCreate],
  ["pacman/no-pacman", EXIT.unavailable],
  ["pacman/no-download", EXIT.unavailable],
  ["pacman", EXIT.policy],
  ["bundle", EXIT.badBytes],
  ["feed", EXIT.noInput],
  ["git/cannot-write", EXIT.cannotCreate],
  ["git", EXIT.noInput],
  ["evidence", EXIT.badBytes],
  ["demo", 1],
]);

/** Thrown by everything in `client/`: `code` is stable, `message` says what, where and what to do. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientCode;

  constructor(code: ClientCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The exit status that a command which ends with this error has. */
  get exitCode(): number {
    const area = this.code.slice(0, this.code.indexOf("/"));
    return EXIT_BY.get(this.code) ?? EXIT_BY.get(area) ?? EXIT.internal;
  }
}
