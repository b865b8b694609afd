/** Loaded into a process by `NODE_OPTIONS=--import`: writes its highest resident memory, in octets, to SAMEBITS_PEAK as it ends. */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const path = process.env["SAMEBITS_PEAK"];
  if (path !== undefined) writeFileSync(path, String(process.resourceUsage().maxRSS * 1024));
});
