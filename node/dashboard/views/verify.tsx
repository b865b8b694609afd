/** Drop a file: it is hashed here, and all that is said of it is checked here, by the policy that decides. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ProtocolError } from "../../../protocol/index.ts";
import { policyOf } from "../alert-words.ts";
import { check, openBundle, openPolicy } from "../checking.ts";
import type { Case, NamedBundle, NamedPolicy, Result } from "../checking.ts";
import { hashFile } from "../hash-file.ts";
import type { DroppedFile } from "../judging.ts";
import type { LiveState } from "../live.ts";
import { octets } from "../words.ts";
import { RestsOn } from "./rests-on.tsx";
import { ResultShown } from "./verdict.tsx";

const NO_RESULT: { readonly result: Result | null; readonly problem: string | null } = {
  result: null,
  problem: null,
};

/** `live` null: the page was opened from a file, and there is nobody to ask. */
export function Verify({ live }: { readonly live: LiveState | null }): VNode {
  const [hashed, setHashed] = useState<DroppedFile | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [bundle, setBundle] = useState<NamedBundle | null>(null);
  const [brought, setBrought] = useState<NamedPolicy | null>(null);
  const [isWide, setIsWide] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const hashing = useRef<AbortController | null>(null);
  const policy = brought ?? nodesPolicy(live);
  const hasNode = live !== null;
  const network = live?.status?.network ?? null;
  const {
    result,
    problem: failed,
    isChecking,
  } = useCheck(hashed === null ? null : { file: hashed, policy, bundle, hasNode, isWide, network, chosen });
  const takeFile = async (file: File): Promise<void> => {
    hashing.current?.abort();
    const stop = new AbortController();
    hashing.current = stop;
    setHashed(null);
    setChosen(null);
    setProgress({ done: 0, of: file.size });
    const sha256 = await hashFile(file, (done) => setProgress({ done, of: file.size }), stop.signal);
    setProgress(null);
    setHashed({ name: file.name, sha256, octets: file });
  };
  const take = async (files: readonly File[]): Promise<void> => {
    setProblem(null);
    try {
      for (const file of files) {
        if (file.name.endsWith(".toml")) setBrought(await openPolicy(file));
        else if (/\.(bundle|jsonl)$/.test(file.name)) setBundle(await openBundle(file));
        else await takeFile(file);
      }
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      setProgress(null);
      setProblem(wordsOf(error));
    }
  };
  return (
    <>
      <Lead isAlone={live === null} />
      <DropZone onFiles={(files) => void take(files)} />
      <UnderWay progress={progress} isChecking={isChecking} problem={problem ?? failed} />
      {hashed !== null && result !== null && (
        <ResultShown file={hashed} result={result} policy={policy} live={live} onChosen={setChosen} />
      )}
      {hasNode && (
        <label class="line">
          <input
            type="checkbox"
            checked={isWide}
            onChange={(event) => setIsWide(event.currentTarget.checked)}
          />
          Let the node ask other nodes too (takes up to 10 s)
        </label>
      )}
      <RestsOn policy={policy} bundle={bundle} live={live} />
    </>
  );
}

interface Progress {
  readonly done: number;
  readonly of: number;
}

interface UnderWayProps {
  readonly progress: Progress | null;
  readonly isChecking: boolean;
  readonly problem: string | null;
}

function UnderWay({ progress, isChecking, problem }: UnderWayProps): VNode {
  return (
    <>
      {progress !== null && (
        <div class="card" role="status">
          <p>
            Hashing in this page: {octets(progress.done)} of {octets(progress.of)}
          </p>
          <progress aria-label="Hashed" value={progress.done} max={Math.max(1, progress.of)} />
        </div>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {isChecking && (
        <p class="soft" role="status">
          Checking signatures and proofs…
        </p>
      )}
    </>
  );
}

function nodesPolicy(live: LiveState | null): NamedPolicy | null {
  const policy = live === null ? null : policyOf(live.policies);
  return policy === null ? null : { policy, name: live?.policies[0]?.name ?? "", isBrought: false };
}

/** Checks again whenever something about the case changes. */
function useCheck(one: Case | null): typeof NO_RESULT & { readonly isChecking: boolean } {
  const [state, setState] = useState(NO_RESULT);
  const [isChecking, setIsChecking] = useState(false);
  const policy = one?.policy?.policy ?? null;
  useEffect(() => {
    setState(NO_RESULT);
    if (one === null) return undefined;
    let isOver = false;
    setIsChecking(true);
    const end = (next: typeof NO_RESULT): void => {
      if (isOver) return;
      setIsChecking(false);
      setState(next);
    };
    check(one, Date.now()).then(
      (result) => end({ result, problem: null }),
      (error: unknown) => end({ result: null, problem: wordsOf(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [one?.file, policy, one?.bundle, one?.isWide, one?.network, one?.chosen]);
  return { ...state, isChecking };
}

function wordsOf(error: unknown): string {
  if (error instanceof ProtocolError) return `This can't be used: ${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

function Lead({ isAlone }: { readonly isAlone: boolean }): VNode {
  return (
    <div class="lead">
      <h1>Check a file</h1>
      <p>
        The file stays on your machine: this page hashes it itself, then checks every signature and every
        proof itself.
        {isAlone
          ? " It was opened without a node, so drop a bundle and a policy too: both come from somebody whom you asked, and are checked."
          : " Drop a policy (.toml) or a bundle (.bundle) too, if you have your own."}
      </p>
    </div>
  );
}

function DropZone({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): VNode {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    onFiles([...(event.dataTransfer?.files ?? [])]);
  };
  return (
    <div
      class={`drop ${isOver ? "over" : ""}`}
      role="group"
      aria-label="Drop files here"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <b>Drop a file here</b>
      <span class="soft small">
        A package, an image, a release: whatever builders attest. Up to any size.
      </span>
      <button type="button" class="button main" onClick={() => input.current?.click()}>
        Choose files
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to check"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}
