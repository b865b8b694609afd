/** What kinds of alerts mean, for somebody who meets one for the first time. */
import type { Stance } from "./picture.ts";
import type { AlertKind } from "./kinds.ts";

const CONTRADICTION: Readonly<Record<Stance, readonly string[]>> = {
  single: ["At most one result is left that counts. The proof that there were others stays."],
  pair: [
    "Each signed its result; which of them is right nobody can tell from two.",
    "Builds can differ honestly: ask for another rebuild, and compare the files with diffoscope.",
  ],
  outlier: [
    "The others rebuilt it and agree with each other, so look at the one that stands alone: its machine, its inputs, its key.",
    "This is how a compromised builder would look. Do not install its file before you know why it differs.",
  ],
  split: [
    "Several builders got the same on each side: something that they don't state decides the result, such as the time, the file system or a toolchain.",
    "Compare a file of each side with diffoscope. Your policy's `on_contradiction` says whether it may be installed meanwhile.",
  ],
  scattered: [
    "Every builder got something else: the build is not reproducible. That accuses nobody, and proves nothing of any of the files.",
    "Its maintainer can make it reproducible; until then no quorum will agree on it.",
  ],
};

const MEANING: Readonly<Record<Exclude<AlertKind, "contradiction" | "disagreement">, readonly string[]>> = {
  "self-contradiction": [
    "One key signed two different results for one target and step, and has not taken one back.",
    "Either it built twice and the build is not reproducible, or somebody else uses the key. Ask its owner.",
  ],
  fork: [
    "A feed may only grow. This one's key signed two states that can't both be true, so it showed different things to different people.",
    "Its votes are left out, but for what both histories have in common. The owner did it, a thief of the key, or a restored backup: ask the owner, on another way.",
  ],
  "bad-leaf": [
    "The feed's key signed a list with an entry that bears the feed's name and that its key never signed.",
    "Tell its operator: it may be a fault of the disk, or somebody writes into the feed.",
  ],
  withheld: [
    "The feed's newest head covers entries that no peer hands out. This node saw it so; that proves nothing to others.",
    "It ends by itself as soon as the entries come. If it lasts for hours, ask its operator.",
  ],
  silent: [
    "A feed that you follow was not heard of for long. Its operator's machine may be off, or you are cut off from it.",
    "While it lasts its builder can't disagree. If several fall silent at once, look at your own network first.",
  ],
  stale: [
    "Peers still show the feed, but its key has not confirmed the time of its newest entries as often as it should.",
    "Somebody may keep its news from you, or its operator's machine is off: ask another peer, or the operator.",
  ],
  rollback: [
    "Something older than what was known was shown as the newest, though such things only ever grow.",
    "A restored backup does this, and so does somebody who wants you not to see the rest. Nothing older is believed here.",
  ],
  "own-elsewhere": [
    "Somebody shows entries that are signed with your feed's key and that this node never signed.",
    "A copy of your node runs elsewhere, a backup was restored, or your key is stolen. Stop publishing, and find out which.",
  ],
  refuted: [
    "A proof was received that proves nothing. It is not believed, and nothing is held against those that it names.",
    "Somebody tries to frame them, or a peer is broken. There is nothing that you have to do.",
  ],
  unreproduced: [
    "A publisher has listed it, and no quorum of your policy has rebuilt it in the time that the policy gives.",
    "The rebuilders may be behind, or it can't be reproduced. It may be all right, but nobody independent has shown it.",
  ],
  "unexpected-release": [
    "A publisher has listed a file for which there is no signed tag and no statement of a release.",
    "A release that nobody meant to make looks like this. Ask the project before you use it.",
  ],
  "unknown-key": [
    "Your policy expects its own builders here, and somebody else has signed.",
    "It counts for nothing. A builder may have a new key that your policy does not have yet: ask it, on another way.",
  ],
  "revoked-key": [
    "Your policy has revoked this key, and it still signs: whoever holds it goes on.",
    "What it signs counts for nothing. If its owner has a new key, somebody else uses the old one.",
  ],
  "removed-key": [
    "Your trust domain took the key out of its policy. Verdicts that rested on it are worth looking at again.",
    "Run `samebits audit`: it judges what is installed by the policy as it is now.",
  ],
};

/** Plain sentences: what it means, and what to do. */
export function meaningOf(kind: AlertKind, stance: Stance): readonly string[] {
  return kind === "contradiction" || kind === "disagreement" ? CONTRADICTION[stance] : MEANING[kind];
}
