import { record, showTime, timeOfTimed, utf8 } from "../../../protocol/index.ts";
import { readAnswer } from "../../source/index.ts";
import type { RunningNode } from "../../source/index.ts";
import { readFeeds } from "../feed/index.ts";
import { fail, ok, warn } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** Later than now by more than this a signed time is not taken (RULES R10). */
const AHEAD_MS = 5 * 60_000;
/** A key that is on signs an hour; nobody who is on is silent for so long. */
const SILENT_MS = 4 * 3_600_000;
const MAX_PEERS = 10_000;
const MAX_ADDRESSES = 64;

/** This machine's clock beside the times that keys of feeds have signed: no server is asked. */
export async function lookAtTimes(running: RunningNode, now: number): Promise<readonly Finding[]> {
  const feeds = await readFeeds(running);
  const times = feeds
    .filter(({ timed, class: kind }) => timed !== null && kind !== "own")
    .map(({ timed }) => 1_000 * timeOfTimed(utf8(timed ?? "")));
  const ignored = timesAhead(running);
  if (times.length === 0)
    return ignored === 0 ? [] : [behind("all times that feeds' keys have signed are ahead of it")];
  const newest = Math.max(...times);
  const when = showTime(newest);
  if (newest > now + AHEAD_MS) return [behind(`a feed's key has signed ${when} already`)];
  if (newest < now - SILENT_MS && ignored > 0)
    return [behind(`all that feeds' keys have signed since ${when} is ahead of it`)];
  if (newest < now - SILENT_MS)
    return [
      warn(
        "clock",
        `no feed has signed a time since ${when}: the clock is ahead (timedatectl), or this node was cut off for so long`,
      ),
    ];
  return [ok("clock", `fits the newest time that a feed has signed, ${when}`)];
}

/** How often the node has ignored a time that was ahead of its clock: one key may be wrong, but not all. An older node does not count it. */
function timesAhead({ api, status }: RunningNode): number {
  return readAnswer(
    api.name,
    () =>
      record(status.answer, "status")
        .member("counters")
        .record()
        .optional("time-ahead")
        ?.integer(0, Number.MAX_SAFE_INTEGER) ?? 0,
  );
}

function behind(why: string): Finding {
  return fail("clock", `it is behind: ${why}; set it (timedatectl set-ntp true)`);
}

/** Whether anybody can call this node, as far as that can be seen from here. */
export async function lookAtReach({ api, status }: RunningNode): Promise<readonly Finding[]> {
  const [peers, listen] = [await api.get("/v1/peers"), status.answer];
  const directions = readAnswer(api.name, () =>
    record(peers, "peers")
      .list("peers", MAX_PEERS)
      .map((peer) => peer.record().string("direction", MAX_ADDRESSES)),
  );
  const addresses = readAnswer(api.name, () =>
    record(listen, "status")
      .list("listen", MAX_ADDRESSES)
      .map((address) => address.string()),
  );
  const called = directions.filter((direction) => direction === "in").length;
  if (called > 0) return [ok("reach", `${called} of ${directions.length} connections came from outside`)];
  if (addresses.length === 0) return [ok("reach", "it listens nowhere, as it was told: outbound only")];
  if (directions.length === 0) return [];
  const where = addresses.every(isPrivate)
    ? "all of its addresses are of private networks, so it is behind NAT, or its mesh is private"
    : "its addresses are public, so a firewall may be in the way";
  return [
    warn(
      "reach",
      `nobody has called it yet; ${where}: forward TCP 7716 to it and name the outside address with --listen, or set listen = ["none"] and it does without`,
    ),
  ];
}

const PRIVATE =
  /^\/(?:ip4\/(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2[0-9]|3[01])|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\.|ip6\/(?:::1\/|f[cd]|fe[89ab]))/;

function isPrivate(address: string): boolean {
  return PRIVATE.test(address);
}
