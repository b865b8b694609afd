/** in-toto-golang as a second judge: of Debian's unstable, from the folder in which `scripts/debian.sh` puts it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { toSpkiPem } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { ODD } from "./draw.ts";
import type { Said } from "./in-toto.ts";
import type { Asked } from "./ours.ts";
import type { Chain, Sketch } from "./sketch.ts";
import { place } from "./write.ts";

const PROGRAM = join(import.meta.dirname, "../../scripts/newer/root/usr/bin/in-toto-golang");

/** Why tests that need it are skipped; false where it is here. */
export function lacksGolang(): string | false {
  return existsSync(PROGRAM) ? false : "no in-toto-golang here: scripts/debian.sh brings it";
}

export async function judgeByGolang(asked: Omit<Asked, "inspect">): Promise<Said> {
  const keys = asked.owners.map((key: PublicKey, at) => {
    const path = `${asked.layout}.owner-${at}.pem`;
    place(path, toSpkiPem(key));
    return path;
  });
  const words = ["verify", "-l", asked.layout, "-k", keys.join(","), "-d", asked.links];
  const child = spawn(PROGRAM, words, { cwd: asked.files, stdio: ["ignore", "ignore", "pipe"] });
  let why = "";
  child.stderr.on("data", (part: Buffer) => (why += part.toString()));
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  child.once("error", reject);
  child.once("close", (code) => resolve({ pass: code === 0, why }));
  return promise;
}

/**
 * Whether it can be asked: it takes no parameters, checks ECDSA otherwise, reads odd sets of characters its own way, and where a rule takes a
 * prefix off sources it leaves those that lack it in.
 */
export function isForGolang({ chain, parameters }: Sketch): boolean {
  return parameters === null && isPlain(chain);
}

function isPlain({ plan, papers }: Chain): boolean {
  const rules = [...plan.steps, ...plan.inspections].flatMap(({ materials, products }) => [
    ...materials,
    ...products,
  ]);
  return (
    !plan.steps.some(({ by }) => by.includes("eve")) &&
    !rules.some(([, pattern = "", next]) => ODD.includes(pattern) || next?.toUpperCase() === "IN") &&
    papers.every((paper) => paper.kind === "link" || isPlain(paper.chain))
  );
}
