/** `rebuild debian --follow` and `--loop`: package after package, each once, what failed again after a pause. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parsePurl } from "../../../protocol/index.ts";
import type { Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import {
  Ground,
  jobsOf,
  parseFollowed,
  parseShard,
  readWorkList,
  rebuildDebian,
} from "../../rebuild/index.ts";
import type { GroundOptions, Outcome, Rebuild, Site, SourceJob, Task } from "../../rebuild/index.ts";
import type { Work } from "../attesting.ts";
import type { Printer } from "../print.ts";
import { groundOf, requestOf } from "./debian-options.ts";
import type { DebianOptions } from "./debian-options.ts";
import { reportRebuild } from "./debian-report.ts";
import { signRebuild } from "./debian-sign.ts";
import { ofOne, workRounds } from "./rounds.ts";
import { deliverKept, keepingIn } from "./sign-all.ts";
import { watched } from "./watched.ts";

/** What all rebuilds of a run share. */
export interface Many {
  readonly options: DebianOptions;
  readonly config: Config;
  readonly site: Site;
  readonly work: Work;
  readonly printer: Printer;
}

/** Works off what there is to do, once or, with --every, until it is stopped. Throws `rebuild/failed` where not all is done. */
export async function rebuildMany(many: Many): Promise<void> {
  const { options, config, site, work, printer } = many;
  const { follow, loop } = options;
  const followed = follow === undefined ? null : parseFollowed(follow);
  const shard = parseShard(options.shard ?? "1/1");
  const { namespace } = requestOf(options, config);
  const wanted = await groundOf(options, followed?.suite ?? null);
  const grounds = new Grounds(site, wanted, printer);
  try {
    await workRounds({
      jobs: async () => {
        if (loop !== undefined) return listedJobs(loop);
        const ground = await grounds.anew();
        const listed = await ground.sources(followed?.component ?? null);
        return jobsOf(listed, shard, namespace, wanted.suite.architecture);
      },
      work: (job, task) => workOn(job, task, () => grounds.fresh(), many),
      dataDir: config.data,
      name: `${config.network} ${work.key.keyId} debian`,
      isImpatient: options.retry === true,
      every: options.every ?? null,
      signal: site.signal,
      printer,
    });
  } finally {
    await grounds.close();
  }
}

/** The one that builds stand on at a time. */
class Grounds {
  readonly #lay: () => Promise<Ground>;
  #ground: Ground | null = null;

  constructor(site: Site, options: GroundOptions, printer: Printer) {
    this.#lay = () => watched(printer, (tell) => Ground.lay(site, options, tell));
  }

  /** As the archive is now. */
  async anew(): Promise<Ground> {
    await this.close();
    return (this.#ground = await this.#lay());
  }

  /** As the archive was a short time ago: no build stands on another one meanwhile. */
  async fresh(): Promise<Ground> {
    return this.#ground?.isFresh === true ? this.#ground : this.anew();
  }

  async close(): Promise<void> {
    const ground = this.#ground;
    this.#ground = null;
    await ground?.close();
  }
}

/** The packages of a list. Throws `input/bad-list` for one that is not of Debian. */
async function listedJobs(list: string): Promise<readonly SourceJob[]> {
  return (await readWorkList(list)).map(({ id }) => {
    const { type, name, version } = parsePurl(id);
    if (type !== "deb") {
      throw new ClientError(
        "input/bad-list",
        `${list}: ${id} is no package of Debian; rebuild it with \`samebits rebuild --loop LIST -- COMMAND\``,
      );
    }
    return { id, name, version };
  });
}

/** Rebuilds one, signs and publishes what came of it, or delivers what an interrupted run has signed of it. */
async function workOn(
  job: SourceJob,
  task: Task,
  fresh: () => Promise<Ground>,
  many: Many,
): Promise<Outcome> {
  const delivered = await ofThisOne(many.site, () => deliverKept(task, many.work));
  if (delivered !== null) return delivered;
  const ground = await fresh();
  return ofThisOne(many.site, () => rebuildOne(job, task, ground, many));
}

async function rebuildOne(
  { name, version }: SourceJob,
  task: Task,
  ground: Ground,
  { options, config, work, printer }: Many,
): Promise<Outcome> {
  const folder = options.output ?? join(config.data, "rebuilt");
  const output = join(folder, `${name}_${version.replaceAll(":", "%3a")}`);
  const given = { repeated: null, byUser: [] };
  const request = { ...requestOf(options, config), what: { name, version }, given, output };
  const rebuild = await watched(printer, (tell) => rebuildDebian(ground, request, tell));
  reportRebuild(rebuild, printer);
  try {
    await signRebuild(rebuild, output, work, keepingIn(task));
  } finally {
    await forget(rebuild);
  }
  return rebuild.failure === null ? { state: "done" } : { state: "failed", why: rebuild.failure };
}

/** What is wrong with this package alone is its outcome, everything else is thrown. */
async function ofThisOne<Value>({ signal }: Site, use: () => Promise<Value>): Promise<Value | Outcome> {
  try {
    return await use();
  } catch (error) {
    if (signal.aborted) return { state: "failed", why: "it was told to stop" }; // which nobody remembers
    const why = ofOne(error);
    if (why !== null) return { state: "failed", why };
    throw error;
  }
}

/** Of thousands of packages only those are kept that somebody will look at: which came out as another file. */
async function forget({ outputs }: Rebuild): Promise<void> {
  for (const { path, same } of outputs) if (same !== false) await rm(path, { force: true });
}
