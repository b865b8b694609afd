/** `node inspect-for-long.ts WAY COMMAND…`: an inspection that runs until it is ended, in a process of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inspecting } from "../../../client/verify/inspections.ts";
import { runOutside } from "../../../client/verify/run-inspection.ts";
import { undoAtEnd } from "../../../client/undo-at-end.ts";

const [way, ...run] = process.argv.slice(2);
if (way === "runOutside") {
  const folder = mkdtempSync(join(tmpdir(), "samebits-inspection-"));
  undoAtEnd(() => rmSync(folder, { recursive: true }));
  await runOutside([run[0] ?? "", ...run.slice(1)], folder);
} else {
  const inspecting = new Inspecting("sandboxed");
  const asked = { name: "look", run, expectedMaterials: [], expectedProducts: [] };
  const artifact = { sha256: new Uint8Array(32), name: "tool.tar", target: null, inside: null };
  const files = [{ path: import.meta.filename, artifact, unfit: null }];
  while (await inspecting.run("", files, () => inspecting.of("")(asked))) continue;
  inspecting.close();
}
