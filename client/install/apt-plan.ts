/** What apt is about to do, before it asks the user: its JSON hooks (json-hooks-protocol.md of apt, versions 0.1 and 0.2). */
import type { Duplex } from "node:stream";
import {
  MAX_APT_ACTIONS,
  MAX_APT_INPUT_BYTES,
  ProtocolError,
  readJson,
  record,
} from "../../protocol/index.ts";
import type { RecordShape } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { printedPackages } from "./apt-lists.ts";
import type { ListedPackage } from "./packages-list.ts";

/** A version that would be installed. */
export interface Planned {
  /** As apt's commands take it: `sl:amd64=5.02-1+b1`. */
  readonly spec: string;
  readonly name: string;
  readonly version: string;
}

const PREFIX = "org.debian.apt.hooks.";
/** The moment after the list of packages, right before the question. */
const MOMENT = `${PREFIX}install.statistics`;
const VERSIONS = ["0.2", "0.1"];
const MAX_VERSIONS = 64;
const MAX_TEXT = 4_096;
/** Packages of one call of apt-cache: command lines have an end. */
const AT_ONCE = 500;

/**
 * Speaks with apt over the socket that it gave, until it says goodbye. Resolves to what it plans, null where it has come for something
 * else. Rejects with `apt/bad-input` for what is not its protocol.
 */
export async function plannedBy(socket: Duplex): Promise<readonly Planned[] | null> {
  try {
    return await planIn(socket);
  } catch (error) {
    throw error instanceof ProtocolError ? bad(error.message) : error;
  }
}

async function planIn(socket: Duplex): Promise<readonly Planned[] | null> {
  let plan: readonly Planned[] | null = null;
  for await (const message of messagesOf(socket)) {
    const method = message.string("method", MAX_TEXT);
    if (method === `${PREFIX}hello`) {
      const offered = new Set(
        message
          .record("params")
          .list("versions", MAX_VERSIONS)
          .map((item) => item.string()),
      );
      const version = VERSIONS.find((each) => offered.has(each));
      if (version === undefined) throw bad("apt speaks none of the versions 0.1 and 0.2");
      const answer = { jsonrpc: "2.0", id: message.integer("id", 0, 2 ** 31), result: { version } };
      socket.write(`${JSON.stringify(answer)}\n\n`);
    } else if (method === MOMENT) plan = planOf(message.record("params"));
    else if (method === `${PREFIX}bye`) break;
  }
  return plan;
}

/** Objects, each ended by an empty line. */
async function* messagesOf(socket: Duplex): AsyncGenerator<RecordShape> {
  let rest = "";
  let octets = 0;
  for await (const part of socket) {
    if (!(part instanceof Uint8Array)) continue;
    octets += part.length;
    if (octets > MAX_APT_INPUT_BYTES) throw bad(`it says more than ${MAX_APT_INPUT_BYTES} octets`);
    rest += Buffer.from(part).toString("latin1");
    for (let end = rest.indexOf("\n\n"); end !== -1; end = rest.indexOf("\n\n")) {
      const text = Buffer.from(rest.slice(0, end), "latin1");
      rest = rest.slice(end + 2);
      yield record(readJson(new Uint8Array(text), { maxBytes: MAX_APT_INPUT_BYTES }), "apt");
    }
  }
}

function planOf(params: RecordShape): readonly Planned[] {
  return params
    .member("packages")
    .list(MAX_APT_ACTIONS)
    .flatMap((item): readonly Planned[] => {
      const fields = item.record();
      const install = fields.record("versions").optional("install")?.record();
      if (install === undefined || !INSTALLS.has(fields.string("mode", MAX_TEXT))) return [];
      const name = fields.string("name", MAX_TEXT);
      const version = install.string("version", MAX_TEXT);
      return [{ spec: `${name}:${fields.string("architecture", MAX_TEXT)}=${version}`, name, version }];
    });
}

const INSTALLS: ReadonlySet<string> = new Set(["install", "upgrade", "downgrade", "reinstall"]);

/** What apt's lists have of these, by apt's own index of them; what they do not have is passed over. Throws as `readPackagesList`. */
export async function* listedOf(plan: readonly Planned[]): AsyncGenerator<ListedPackage, void, void> {
  for (let at = 0; at < plan.length; at += AT_ONCE) {
    const specs = plan.slice(at, at + AT_ONCE).map(({ spec }) => spec);
    // It fails for one that no list has, and prints the others all the same.
    yield* printedPackages("apt-cache", ["show", "--", ...specs], "apt-cache show");
  }
}

function bad(what: string): ClientError {
  return new ClientError("apt/bad-input", `what apt says of its plan can't be read: ${what}`);
}
