/** Started by upgrade.test.ts: upgrades the store in a folder, and says so after each batch of rows. */
import { writeSync } from "node:fs";
import { openLevel } from "../../../node/store/level.ts";
import { upgradeTo2 } from "./upgrading.ts";

await openLevel(
  process.argv[2] ?? "",
  upgradeTo2(() => void writeSync(1, "batch\n")),
);
