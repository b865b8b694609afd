/** A verdict from a policy, a file, what is remembered and a bundle: nothing else goes in, words apart nothing else comes out. */
import { parseTarget } from "../../../protocol/attestation/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { fromHex, utf8 } from "../../../protocol/bytes/index.ts";
import { idOfEvidence } from "../../../protocol/evidence/index.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { collectFound, exitOfVerdict, judge, readBundleFile } from "../../../protocol/verdict/index.ts";
import type { ChainStep, FileForm, Verdict } from "../../../protocol/verdict/index.ts";

interface NamedTarget {
  readonly purl: string;
  readonly file: string;
}

export interface OfflineCase {
  readonly about: string;
  readonly policy: string;
  readonly file: {
    readonly sha256: string;
    /** What it is asked to be. */
    readonly target: NamedTarget | null;
    /** What its own control data say that it is. */
    readonly inside: NamedTarget | null;
    /** Hex SHA-256 of what it was before it was signed, as the user says. */
    readonly unsigned?: string;
  };
  /** Normal forms of files at hand, by their hex SHA-256. */
  readonly forms?: Readonly<Record<string, FileForm>>;
  /** Largest heads seen before. */
  readonly memory: readonly {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly timeMs: number;
  }[];
  readonly bundle: string;
}

/** What another implementation must come to. */
export async function judgeOffline(one: OfflineCase, network: string, now: number): Promise<unknown> {
  const policy = readPolicy(one.policy);
  const collected = await collectFound(readBundleFile(utf8(one.bundle)), { policy, network, strict: true });
  const { sha256, target, inside, unsigned } = one.file;
  const verdict = judge(
    {
      sha256: fromHex(sha256),
      name: "file",
      target: targetOf(target),
      inside: targetOf(inside),
      ...(unsigned === undefined ? {} : { unsigned }),
    },
    {
      ...collected,
      settled: "all",
      asked: { local: 0, mirrors: 0, peers: 0, dht: 0 },
      memory: new Map(one.memory.map(({ origin, ...known }) => [origin, known])),
      forms: new Map(Object.entries(one.forms ?? {})),
    },
    policy,
    now,
  );
  const { decision, contradiction, problem, rule, needed, agreeing, view, votes, evidence, chain } = verdict;
  return {
    verdict: verdict.verdict,
    decision,
    exit: exitOfVerdict(verdict),
    contradiction,
    problem,
    rule,
    needed,
    agreeing,
    ...(verdict.signed === undefined ? {} : { signed: withoutWords(verdict.signed) }),
    view,
    ...(chain === undefined ? {} : { chain: chain.map(stepOf) }),
    votes: votes.map((vote) =>
      Object.fromEntries(Object.entries(vote).filter(([name]) => name !== "reason")),
    ),
    evidence: evidence.map((proof) => ({ kind: proof.kind, id: idOfEvidence(proof) })),
  };
}

/** What counts and what does not, whatever is said of why. */
function withoutWords({ objects, ...signed }: NonNullable<Verdict["signed"]>): object {
  return { ...signed, objects: objects.map(({ reason, ...one }) => ({ ...one, counts: reason === null })) };
}

/** Without words and votes, which are those of the verdict. */
function stepOf({ step, file, sha256, from, verdict, needed, agreeing }: ChainStep): object {
  return { step, file, sha256, from, verdict, needed, agreeing };
}

function targetOf(named: NamedTarget | null): Target | null {
  return named === null ? null : parseTarget(named.purl, named.file);
}
