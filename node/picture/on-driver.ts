import type { NodeConfig } from "../config.ts";
import type { Driver } from "../driver.ts";
import { runCommand } from "../run-command.ts";
import { Picture } from "./picture.ts";
import type { PictureEdges } from "./picture.ts";

/** The picture of what a driver's engine has indexed, by this node's policies. Nothing is looked at before it is opened. */
export function pictureOn(
  driver: Driver,
  { policies = [], follow }: Pick<NodeConfig, "policies" | "follow">,
  edges: Omit<PictureEdges, "rows" | "status">,
): Picture {
  return new Picture(
    {
      ...edges,
      rows: driver,
      status: async () => (await runCommand(driver, { do: "status" }, "status")).result,
    },
    { policies, all: follow.all, builders: follow.builders },
  );
}
