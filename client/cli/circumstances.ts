/** How verdicts came about. */
import { counted } from "../../protocol/index.ts";
import type { Asked } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Outcomes } from "./judged.ts";
import type { Judgement } from "./judging.ts";
import type { Printer } from "./print.ts";

/** What of an outcome its circumstances are told by. */
export type Told = Pick<Outcomes, "judged" | "failures" | "state" | "nobodyAsked" | "junk">;

/** Says on stderr what a reader of the verdicts should know of how they came about. */
export function noteCircumstances(
  { outcome, config, policies }: Pick<Judgement, "config" | "policies"> & { readonly outcome: Told },
  printer: Printer,
): void {
  for (const warning of policies.warnings) printer.note(`samebits: ${warning}`);
  for (const failure of outcome.failures) printer.failure(failure);
  if (outcome.state === "none") {
    printer.note(`samebits: ${config.data} can't be written: what was seen of the feeds is not remembered`);
  }
  if (outcome.nobodyAsked) {
    const words =
      "nobody could be asked: start a node (samebits node), name a peer with --bootstrap or a --mirror, or bring a --bundle";
    printer.error(new ClientError("source/none", words));
  }
  printer.detail(
    `samebits: asked ${askedWords(outcome)}; ${counted(outcome.junk, "item was", "items were")} dropped as not holding`,
  );
}

function askedWords({ judged }: Told): string {
  const asked: Asked = judged[0]?.verdict.asked ?? { local: 0, mirrors: 0, peers: 0, dht: 0 };
  const { local, mirrors, peers, dht } = asked;
  return `${local} local, ${counted(mirrors, "mirror")}, ${counted(peers, "peer")}, ${dht} of the DHT`;
}
