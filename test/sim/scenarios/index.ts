/** All scenarios by name. */
import { audit } from "./audit.ts";
import { bulk } from "./bulk.ts";
import { churn } from "./churn.ts";
import { clocks } from "./clocks.ts";
import { crashes, lostStore } from "./crashes.ts";
import { endless } from "./endless.ts";
import { framing, variants } from "./framing.ts";
import { ground } from "./ground.ts";
import { lateJoiner, lossy, partition, publish } from "./growth.ts";
import { restored } from "./restored.ts";
import {
  badLeaf,
  deepForker,
  disagreement,
  forker,
  junk,
  poisoners,
  selfContradictor,
  withholder,
} from "./liars.ts";
import { newcomer } from "./providers.ts";
import { flood, records, vicinity } from "./records.ts";
import { steady } from "./steady.ts";
import { storm } from "./storm.ts";
import { sybils } from "./sybils.ts";
import type { Scenario } from "./scenario.ts";
import { witnesses } from "./witnesses.ts";

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ["publish", publish],
  ["late-joiner", lateJoiner],
  ["bulk", bulk],
  ["partition", partition],
  ["lossy", lossy],
  ["crashes", crashes],
  ["lost-store", lostStore],
  ["restored", restored],
  ["forker", forker],
  ["deep-forker", deepForker],
  ["self-contradictor", selfContradictor],
  ["bad-leaf", badLeaf],
  ["audit", audit],
  ["disagreement", disagreement],
  ["withholder", withholder],
  ["junk", junk],
  ["poisoners", poisoners],
  ["framing", framing],
  ["variants", variants],
  ["records", records],
  ["flood", flood],
  ["vicinity", vicinity],
  ["newcomer", newcomer],
  ["churn", churn],
  ["clocks", clocks],
  ["sybils", sybils],
  ["endless", endless],
  ["ground", ground],
  ["witnesses", witnesses],
  ["storm", storm],
  ["steady", steady],
]);
