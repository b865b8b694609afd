/** Opens the places that `--from` names, or that a domain was added from: web servers, folders, files, and the mesh. */
import type { Config } from "../../config.ts";
import type { TrustSource } from "../../edges.ts";
import { ClientError } from "../../errors.ts";
import { openMesh } from "../../source/index.ts";
import { isMeshPlace, MESH, meshRounds } from "../../trust/index.ts";
import type { Rounds } from "../../trust/index.ts";

export interface Places extends Rounds {
  /** Places that could not be opened. */
  readonly failures: readonly ClientError[];
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly config: Config;
  /** What the user has of the fingerprint; null = nothing. */
  readonly fingerprint: string | null;
  /** Opens one that is not in the mesh. */
  readonly open: (place: string) => TrustSource;
}

/** Opens each. Throws for what is no place at all; peers of the mesh that can't be asked are failures. */
export async function openPlaces(
  from: readonly string[],
  { config, fingerprint, open }: OpenOptions,
): Promise<Places> {
  const inMesh = from.filter(isMeshPlace).map((place) => meetingAt(place, config, fingerprint));
  const sources = from.filter((place) => !isMeshPlace(place)).map(open);
  const failures: ClientError[] = [];
  const closing: (() => Promise<void>)[] = sources.map((source) => () => source.close());
  const rounds: Rounds[] = [];
  for (const { place, bootstrap, pin } of inMesh) {
    const mesh = openMesh({ network: config.network, bootstrap });
    closing.push(() => mesh.close());
    try {
      rounds.push(await meshRounds(mesh, pin, place));
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      failures.push(error);
    }
  }
  return {
    sources: [...sources, ...rounds.flatMap((round) => round.sources)],
    more: async () => (await Promise.all(rounds.map((round) => round.more()))).flat(),
    failures,
    close: async () => void (await Promise.all(closing.map((end) => end()))),
  };
}

interface Meeting {
  readonly place: string;
  readonly bootstrap: readonly string[];
  readonly pin: string;
}

/** How the mesh is joined there. Before anything is opened: what is open when a command fails keeps it from ending. */
function meetingAt(place: string, config: Config, fingerprint: string | null): Meeting {
  if (fingerprint === null)
    throw new ClientError(
      "usage/bad-option",
      `--from ${place}: the mesh knows domains by their fingerprints: name it`,
    );
  const bootstrap = place === MESH ? config.bootstrap : [place];
  if (bootstrap.length === 0)
    throw new ClientError(
      "usage/bad-option",
      "no peer of the mesh is known to begin from: --bootstrap MULTIADDR, or --from https://…, a folder or a file",
    );
  return { place, bootstrap, pin: fingerprint };
}
