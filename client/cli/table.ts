import type { Command } from "commander";

/** What a command's file exports: it adds its arguments, options, help and action to the command made for it. */
export interface CommandModule {
  define(command: Command): void;
}

/** One line of `samebits --help`, and where the command lives; a command's file is loaded only when it is used. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: "keygen", summary: "make a key pair for a builder or a feed", load: () => import("./keygen.ts") },
  { name: "attest", summary: "sign what you built: one envelope a file", load: () => import("./attest.ts") },
  {
    name: "rebuild",
    summary: "build again what others built, and sign what came out",
    load: () => import("./rebuild.ts"),
  },
  { name: "retract", summary: "take back a claim of yours, visibly", load: () => import("./retract.ts") },
  {
    name: "publish",
    summary: "hand envelopes to the node, which appends them to its feed",
    load: () => import("./publish.ts"),
  },
  { name: "node", summary: "run a peer in the foreground", load: () => import("./node.ts") },
  {
    name: "verify",
    summary: "did a quorum of independent builders get these bits?",
    load: () => import("./verify.ts"),
  },
  {
    name: "audit",
    summary: "how much of what is installed here is reproduced?",
    load: () => import("./audit.ts"),
  },
  {
    name: "unsign",
    summary: "a signed file without its signatures: the same whoever signed it",
    load: () => import("./unsign.ts"),
  },
  { name: "bundle", summary: "collect all that `verify --offline` needs", load: () => import("./bundle.ts") },
  { name: "show", summary: "any of our files in plain words", load: () => import("./show.ts") },
  {
    name: "watch",
    summary: "follow the mesh: one JSON line an alert, with its evidence",
    load: () => import("./watch.ts"),
  },
  {
    name: "alert",
    summary: "what a node has found: list it, explain it, note that somebody has seen to it",
    load: () => import("./alert.ts"),
  },
  {
    name: "git",
    summary: "sign what you built from a commit; who has signed this tag, or what was built from it?",
    load: () => import("./git.ts"),
  },
  { name: "evidence", summary: "check a proof on its own, offline", load: () => import("./evidence.ts") },
  {
    name: "import",
    summary: "bring in attestations that already exist, as they are",
    load: () => import("./import.ts"),
  },
  { name: "feed", summary: "begin a feed, or look into it", load: () => import("./feed.ts") },
  {
    name: "policy",
    summary: "check a policy file, or say in words what it demands",
    load: () => import("./policy.ts"),
  },
  {
    name: "trust",
    summary: "who may state my policy: pin, update, make and sign trust domains",
    load: () => import("./trust.ts"),
  },
  {
    name: "layout",
    summary: "which steps, by whom, from what: make, sign and show in-toto layouts",
    load: () => import("./layout.ts"),
  },
  {
    name: "apt",
    summary: "have apt refuse what nobody has rebuilt",
    load: () => import("./apt.ts"),
  },
  {
    name: "pacman",
    summary: "have pacman refuse what nobody has rebuilt",
    load: () => import("./pacman.ts"),
  },
  {
    name: "config",
    summary: "check the configuration, or show what holds and who says so",
    load: () => import("./config.ts"),
  },
  { name: "status", summary: "is my node well?", load: () => import("./status.ts") },
  { name: "peers", summary: "whom does my node know?", load: () => import("./peers.ts") },
  { name: "doctor", summary: "what is wrong with my set-up?", load: () => import("./doctor.ts") },
  {
    name: "demo",
    summary: "a whole mesh on this machine, on real artefacts",
    load: () => import("./demo.ts"),
  },
];
