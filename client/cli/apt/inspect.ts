/** Is the hook in apt's configuration sound: for `doctor`, and for who has just installed it. */
import { existsSync, statSync } from "node:fs";
import { loadConfig } from "../../config.ts";
import { hookAt, isHooked, writersOf } from "../../install/index.ts";
import { findPolicies } from "../../policy-file.ts";
import { fail, ok, warn, why } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { nodeSocket } from "./settings.ts";

const CHECK = "apt";

/** None where there is no hook. */
export async function inspectHook(path: string): Promise<readonly Finding[]> {
  const hook = hookAt(path);
  if (hook === null) return [];
  const { program, words } = hook;
  const said = (option: string): string => words[words.indexOf(option) + 1] ?? "";
  const findings: Finding[] = [
    (await isHooked(program))
      ? ok(CHECK, `${path}: apt asks ${program}, mode ${said("--mode")}`)
      : fail(CHECK, `${path} is there, and apt does not read it`),
  ];
  const policy = said("--policy");
  for (const place of [path, program, said("--state"), ...(policy.startsWith("domain:") ? [] : [policy])]) {
    const writers = existsSync(place) ? writersOf(place) : `${place} is not there`;
    if (writers !== null) findings.push(fail(CHECK, writers));
  }
  if (existsSync(program) && (statSync(program).mode & 0o111) === 0)
    findings.push(fail(CHECK, `${program} can't be run`));
  const config = await loadConfig({
    config: said("--config"),
    data: said("--data"),
    network: said("--network"),
  });
  try {
    const policies = await findPolicies(config, policy, Date.now());
    const onlyWarns = policies?.all.every((one) => one.policy.default.mode === "warn") === true;
    if (onlyWarns && said("--mode") === "enforce")
      findings.push(warn(CHECK, `${policy} only warns (mode = "warn"): nothing is refused by it`));
  } catch (error) {
    findings.push(fail(CHECK, why(error)));
  }
  const node = nodeSocket(config);
  const brings = words.includes("--bundle") || words.includes("--mirror");
  if (node.kind === "none" && !brings)
    findings.push(warn(CHECK, `${node.why}: nothing can be proven; run one with --data ${config.data}`));
  return findings;
}
