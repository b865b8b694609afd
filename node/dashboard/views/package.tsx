/** Who got what: a package, a file or a digest is looked for; builders stand against files, and each cell opens what was signed. */
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { readClaims, readTargets } from "../answers.ts";
import type { TargetName } from "../answers.ts";
import type { LiveState } from "../live.ts";
import { columnsOf, rowOf } from "../matrix.ts";
import type { MatrixRow } from "../matrix.ts";
import { MarkKey, Matrix, StatementDialog, VirtualList } from "../parts/index.ts";
import type { Wanted } from "../parts/index.ts";
import { readMatrix } from "../picture.ts";
import { writeRoute } from "../route.ts";
import { useAnswer } from "../use-answer.ts";
import { usePages } from "../use-pages.ts";
import { nameInPurl, number, packageName } from "../words.ts";
import { OneFile } from "./one-file.tsx";

const DIGEST = /^[0-9a-f]{64}$/;
const HIT_HEIGHT = 52;
const TYPING_MS = 250;
const SHOWS = [
  ["all", "All files"],
  ["disagree", "What differs"],
  ["single", "One builder alone"],
] as const;

interface PackageProps {
  readonly live: LiveState;
  readonly parameters: ReadonlyMap<string, string>;
}

export function Package({ live, parameters }: PackageProps): VNode {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const purl = parameters.get("purl") ?? "";
  const q = parameters.get("q") ?? "";
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    const next = text.trim();
    if (next === q) return undefined;
    const timer = setTimeout(() => location.replace(writeRoute("package", { q: next })), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <div class="lead">
        <h1>{purl === "" ? "Who got what" : packageName(purl)}</h1>
        {purl === "" ? (
          <p>Look for a package, a file or a SHA-256. Each row is a file, each column a builder.</p>
        ) : (
          <p class="mono">{purl}</p>
        )}
      </div>
      <div class="line">
        <label class="grow">
          <span class="sr">Package, file or SHA-256</span>
          <input
            type="search"
            placeholder="Package, file or SHA-256"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {purl !== "" && (
          <a class="button" href={writeRoute("package")}>
            All packages
          </a>
        )}
      </div>
      {purl !== "" && (
        <OnePackage live={live} purl={purl} file={parameters.get("file") ?? ""} onCell={setWanted} />
      )}
      {purl === "" && q !== "" && <Hits q={q} version={live.version} />}
      {purl === "" && q === "" && (
        <AllFiles live={live} show={parameters.get("show") ?? "all"} onCell={setWanted} />
      )}
      {wanted !== null && (
        <StatementDialog wanted={wanted} names={live.names} onClose={() => setWanted(null)} />
      )}
    </>
  );
}

/** What is found by a digest, or by the beginning of a name. */
function Hits({ q, version }: { readonly q: string; readonly version: number }): VNode {
  return DIGEST.test(q) ? <DigestHits sha256={q} version={version} /> : <NameHits q={q} version={version} />;
}

function NameHits({ q, version }: { readonly q: string; readonly version: number }): VNode {
  const path = `/v1/targets?q=${encodeURIComponent(q)}`;
  const { items, problem, isLoading, more } = usePages(path, readTargetPage, version);
  return <HitList hits={items} problem={problem} isLoading={isLoading} more={more} />;
}

function readTargetPage(root: Parameters<typeof readTargets>[0]): {
  items: readonly TargetName[];
  next: string | null;
} {
  const { targets, next } = readTargets(root);
  return { items: targets, next };
}

function DigestHits({ sha256, version }: { readonly sha256: string; readonly version: number }): VNode {
  const { value, problem } = useAnswer(`/v1/targets?sha256=${sha256}`, readClaims, version);
  const hits = new Map(
    (value ?? []).flatMap(({ purl, file }) =>
      purl === null ? [] : [[`${purl} ${file}`, { purl, file, key: "" }] as const],
    ),
  );
  return (
    <HitList hits={[...hits.values()]} problem={problem} isLoading={value === null && problem === null} />
  );
}

interface HitListProps {
  readonly hits: readonly TargetName[];
  readonly problem: string | null;
  readonly isLoading: boolean;
  readonly more?: () => void;
}

function HitList({ hits, problem, isLoading, more }: HitListProps): VNode {
  if (problem !== null) return <p class="problem">{problem}</p>;
  if (hits.length === 0)
    return <p class="empty">{isLoading ? "Looking…" : "This node knows no such package, file or digest."}</p>;
  return (
    <section class="card" aria-label="What was found">
      <VirtualList
        items={hits}
        rowHeight={HIT_HEIGHT}
        label="Files"
        row={({ purl, file }) => (
          <a class="hit" href={writeRoute("package", { purl, file })}>
            <b>{file}</b>
            <span>{packageName(purl)}</span>
          </a>
        )}
        {...(more === undefined ? {} : { onEnd: more })}
      />
    </section>
  );
}

interface RowsProps {
  readonly live: LiveState;
  readonly onCell: (wanted: Wanted) => void;
}

function AllFiles({ live, show, onCell }: RowsProps & { readonly show: string }): VNode {
  const shown = SHOWS.find(([name]) => name === show)?.[0] ?? "all";
  const { items, problem, isLoading, more } = usePages(`/v1/matrix?show=${shown}`, readRows, live.version);
  const columns = useMemo(() => columnsOf(items), [items]);
  return (
    <section class="card" aria-label="Builders against files">
      <div class="line">
        <div class="choice" role="group" aria-label="Which files">
          {SHOWS.map(([name, words]) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === shown}
              onClick={() => location.replace(writeRoute("package", { show: name }))}
            >
              {words}
            </button>
          ))}
        </div>
        <span class="soft small" role="status">
          {isLoading ? "Loading…" : `${number(items.length)} loaded`}
        </span>
      </div>
      <MarkKey />
      {problem !== null && <p class="problem">{problem}</p>}
      {items.length === 0 ? (
        <p class="empty">{isLoading ? "Loading…" : "No file is like that."}</p>
      ) : (
        <Matrix
          rows={items}
          columns={columns}
          names={live.names}
          label="Builders against files"
          onCell={onCell}
          onEnd={more}
        />
      )}
    </section>
  );
}

function readRows(root: Parameters<typeof readMatrix>[0]): {
  items: readonly MatrixRow[];
  next: string | null;
} {
  const { targets, next } = readMatrix(root);
  return { items: targets.map(rowOf), next };
}

function OnePackage({
  live,
  purl,
  file,
  onCell,
}: RowsProps & { readonly purl: string; readonly file: string }): VNode {
  const path = `/v1/matrix?show=all&q=${encodeURIComponent(nameInPurl(purl))}`;
  const { items, problem, isLoading } = usePages(path, readRows, live.version);
  const rows = items.filter((row) => row.purl === purl);
  const columns = useMemo(() => columnsOf(rows), [items, purl]);
  const row = rows.find((one) => one.file === file) ?? rows[0];
  if (problem !== null) return <p class="problem">{problem}</p>;
  if (row === undefined)
    return <p class="empty">{isLoading ? "Loading…" : "This node knows nothing of it."}</p>;
  return (
    <>
      {rows.length > 1 && (
        <section class="card" aria-label="Files of the package">
          <MarkKey />
          <Matrix
            rows={rows}
            columns={columns}
            names={live.names}
            label="Builders against files"
            onCell={onCell}
          />
        </section>
      )}
      <OneFile row={row} live={live} onCell={onCell} />
    </>
  );
}
