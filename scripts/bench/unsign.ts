/** `samebits unsign --digest` of a large file, the whole process, beside `sha256sum` of the same file, in turn. */
import { copyFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { ratioOf } from "./figure.ts";
import type { Benchmark } from "./figure.ts";
import { builtPackage } from "./package.ts";
import { timed, withFolder } from "./processes.ts";

const RUNS = 3;
const BYTES: number = 2 * 1024 * 1024 * 1024;
const PROGRAM = join(import.meta.dirname, "../../test/vectors/unsign/pe/tiny.efi");

export const unsign: Benchmark = {
  name: "unsign",
  run: (say) =>
    withFolder(async (folder) => {
      say(`${RUNS} runs, each with one of sha256sum, of 2 GB`);
      const file = join(folder, "large.efi");
      await copyFile(PROGRAM, file);
      await truncate(file, BYTES); // nothing but zeros behind the program: no disk is in the figure
      const ours = ["sh", join(await builtPackage(), "samebits.sh"), "unsign", "--digest", file];
      const times: number[] = [];
      const beside: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        beside.push(timed(["sha256sum", file]));
        times.push(timed(ours));
      }
      const figure = ratioOf("unsign-2gb", "ms", times, beside, {
        what: "`samebits unsign --digest` of a PE file of 2 GB, the whole process",
        ratioTo: "sha256sum",
        target: { of: "ratio", atMost: 1.67 },
        note: "",
      });
      return [figure];
    }),
};
