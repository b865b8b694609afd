/** Is the hook in apt's configuration sound: for `doctor`, and for who has just installed it. */
import { existsSync, statSync } from "node:fs";
import { MAX_CONFIG_BYTES } from "../../../protocol/index.ts";
import { textIfThere } from "../../artifact/index.ts";
import { loadConfig } from "../../config.ts";
import {
  APT,
  aptFolder,
  hookAt,
  isHooked,
  methodName,
  methodScripts,
  SCHEMES,
  writersOf,
} from "../../install/index.ts";
import type { HookSettings, Manager, MethodScript } from "../../install/index.ts";
import { findPolicies } from "../../policy-file.ts";
import { fail, ok, warn, why } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { startedBy } from "./hook-words.ts";
import { goneBy, nodeSocket, saidIn } from "./settings.ts";

/** None where there is no hook. */
export async function inspectHook(path: string): Promise<readonly Finding[]> {
  const hook = hookAt(path);
  if (hook === null) return [];
  return [
    ...(await inspectCalled(APT, path, hook, await isHooked(hook))),
    ...inspectMethods(methodScripts(hook, await aptFolder("Dir::Bin::methods"))),
  ];
}

/** The same of any package manager's hook; `isHeard`: the package manager calls it. */
export async function inspectCalled(
  manager: Manager,
  path: string,
  hook: Pick<HookSettings, "program" | "words">,
  isHeard: boolean,
): Promise<readonly Finding[]> {
  const check = manager.name;
  const { program } = hook;
  const said = (option: string): string => saidIn(hook, option) ?? "";
  const findings: Finding[] = [
    isHeard
      ? ok(check, `${path}: ${manager.name} asks ${program}, mode ${said("--mode")}`)
      : fail(check, `${path} is there, and ${manager.name} does not read it`),
  ];
  const policy = said("--policy");
  const code = [program, ...startedBy(program)];
  for (const place of [path, ...code, said("--state"), ...goneBy(policy, said("--config"))]) {
    const writers = existsSync(place) ? writersOf(place) : `${place} is not there`;
    if (writers !== null) findings.push(fail(check, writers));
  }
  if (existsSync(program) && (statSync(program).mode & 0o111) === 0)
    findings.push(fail(check, `${program} can't be run`));
  const config = await loadConfig({
    config: said("--config"),
    data: said("--data"),
    network: said("--network"),
  });
  try {
    const policies = await findPolicies(config, policy, Date.now());
    const onlyWarns =
      policies?.all.every(
        ({ policy: { rules, default: rest } }) =>
          rest.mode !== "refuse" && rules.every(({ mode }) => mode !== "enforce"),
      ) === true;
    if (onlyWarns && said("--mode") === "enforce") {
      const words = `${policy} only warns (mode = "warn" in all of its rules): what nobody has reproduced is let through`;
      findings.push(warn(check, words));
    }
  } catch (error) {
    findings.push(fail(check, why(error)));
  }
  const node = nodeSocket(config);
  const brings = hook.words.includes("--bundle") || hook.words.includes("--mirror");
  if (node.kind === "none" && !brings)
    findings.push(warn(check, `${node.why}: nothing can be proven; run one with --data ${config.data}`));
  return findings;
}

/** Each as it was written, and root's alone. */
function inspectMethods(scripts: readonly MethodScript[]): readonly Finding[] {
  if (scripts.length === 0) return [];
  const faults = scripts.flatMap(({ path, text, stock }) => {
    const there = textIfThere(path, MAX_CONFIG_BYTES);
    if (there !== text) {
      const what = there === null ? "is not there" : "is not as samebits wrote it";
      return [`${path} ${what}: samebits apt install-hook --method writes it anew`];
    }
    const whoWrites = writersOf(path);
    return [
      ...(whoWrites === null ? [] : [whoWrites]),
      ...((statSync(path).mode & 0o111) === 0 ? [`${path} can't be run`] : []),
      ...(existsSync(stock) ? [] : [`${stock} is not there: apt can't fetch by it`]),
    ];
  });
  if (faults.length > 0) return faults.map((fault) => fail(APT.name, fault));
  return [ok(APT.name, `apt finds ${SCHEMES.map(methodName).join(" and ")}, for sources that name them`)];
}
