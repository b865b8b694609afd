import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Argument } from "commander";
import type { Command } from "commander";
import {
  heardBy,
  counted,
  explainDefault,
  explainException,
  explainPolicy,
  explainRule,
  keyIdPlain,
  mayExcept,
  readPolicy,
  rulesFor,
  sourceSignersOf,
  sourceStatersOf,
} from "../../protocol/index.ts";
import type { Policy, PolicyLayout, Rule } from "../../protocol/index.ts";
import { identify } from "../artifact/index.ts";
import type { CommonOptions } from "../config.ts";
import { ClientError, EXIT } from "../errors.ts";
import { openPolicies, openPolicy } from "../policy-file.ts";
import { isStdout, writeOutput } from "../output-file.ts";
import { addListedOptions, listedBy } from "./listed.ts";
import type { ListedOptions } from "./listed.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

interface Options extends CommonOptions, ListedOptions {
  readonly policy?: string;
}

interface NewOptions extends CommonOptions {
  readonly output?: string;
}

/** Policies to start with: real keys, with where each is from and how to check it. */
const STARTERS = ["debian", "arch", "bitcoin-core"] as const;

const SCHEMA = new URL("../../protocol/spec/policy.schema.json", import.meta.url);

export function define(command: Command): void {
  command.addHelpText(
    "after",
    "\nExamples:\n  samebits policy new debian -o policy.toml\n  samebits policy check policy.toml\n  samebits policy explain hello_2.10-3_amd64.deb\n  samebits policy schema > policy.schema.json",
  );
  defineNew(
    command
      .command("new")
      .description("Write a policy to start with: real keys, and missing votes only warn."),
  );
  defineCheck(
    command.command("check").description("Read a policy, and say what is wrong with it by line and column."),
  );
  defineExplain(
    command
      .command("explain")
      .description("Say in words what a policy demands: of all, or for a file or purl."),
  );
  addCommonOptions(command.command("schema").description("Print the JSON schema of policy files."))
    .addHelpText("after", "\nExample:\n  samebits policy schema > policy.schema.json")
    .action(async () => void process.stdout.write(await readFile(SCHEMA, "utf8")));
}

function defineNew(command: Command): void {
  addCommonOptions(command)
    .addArgument(new Argument("<for>", "whose packages it is for").choices(STARTERS))
    .option("-o, --output <file>", "where to write, if nothing is there (default, and -: standard output)")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits policy new debian\n  samebits policy new arch -o ~/.config/samebits/policy.toml\n  samebits policy new bitcoin-core -o bitcoin-core.toml",
    )
    .action(async (name: string, { output: named, ...options }: NewOptions) => {
      const output = named === undefined || isStdout(named) ? undefined : named;
      const printer = openPrinter(options);
      const text = await readFile(
        join(fileURLToPath(new URL("./starters", import.meta.url)), `${name}.toml`),
        "utf8",
      );
      if (output !== undefined) await writeOutput(output, text, { replace: false });
      if (printer.json)
        printer.object({ samebits: 1, path: output ?? null, sha256: readPolicy(text).sha256, text });
      else if (output === undefined) process.stdout.write(text);
      else printer.data(`written: ${output}; read it, check its keys, and make it yours`);
    });
}

function defineCheck(command: Command): void {
  addCommonOptions(command)
    .argument("[file]", "the policy (default: --policy, then the configuration's)")
    .option("--policy <file>", "the same")
    .addHelpText("after", "\nExamples:\n  samebits policy check\n  samebits policy check policy.toml --json")
    .action(async (file: string | undefined, options: Options) => {
      const printer = openPrinter(options);
      const { path, policy } = await openPolicy(await openConfig(options), file ?? options.policy);
      const { builders, rules, layouts, exceptions, sha256 } = policy;
      const unusable = [...layouts.values()].filter(({ found }) => found.kind !== "good");
      const expired = exceptions.filter(({ untilMs }) => untilMs <= Date.now()).map(({ name }) => name);
      const agingSources = rules.filter(ages).map(({ name }) => name);
      const unprovable = [...builders.values()]
        .filter(({ revoked }) => revoked.some(({ witnesses }) => witnesses === null))
        .map(({ name }) => name);
      if (printer.json) {
        printer.object({
          samebits: 1,
          path,
          sha256,
          builders: builders.size,
          rules: rules.map(({ name }) => name),
          exceptions: exceptions.map(({ name }) => name),
          expired,
          unprovable,
          agingSources,
          layouts: [...layouts.values()].map(layoutObject),
        });
      } else {
        printer.data(
          `${path}: good; ${counted(builders.size, "builder")}, ${counted(rules.length, "rule")}, ${layouts.size === 0 ? "" : `${counted(layouts.size, "layout")}, `}${exceptions.length === 0 ? "" : `${counted(exceptions.length, "exception")}, `}SHA-256 ${sha256}`,
        );
        for (const name of expired)
          printer.note(`the exception "${name}" has expired: take it out, or think about it anew`);
        for (const name of agingSources)
          printer.note(
            `rule "${name}": what is stated of a source is too old after max_attestation_age, as results are: give the table source its own, max_attestation_age = "none", if a source is to be stated once`,
          );
        for (const name of unprovable)
          printer.note(
            `a key of ${name} is revoked, and the policy names no witness who could prove what it signed before: nothing of that key counts`,
          );
      }
      for (const { name, file, found } of unusable)
        printer.note(
          `the layout "${name}" lets nothing by: ${found.kind === "bad" ? `${found.message} (${found.code})` : `its file ${file} is not beside the policy`}`,
        );
      if (unusable.some(({ found }) => found.kind === "bad")) process.exitCode = EXIT.policy;
    });
}

function layoutObject({ name, file, found }: PolicyLayout): Readonly<Record<string, unknown>> {
  return {
    name,
    file,
    sha256: found.kind === "absent" ? null : found.sha256,
    problem: found.kind === "bad" ? { code: found.code, message: found.message } : null,
  };
}

/** What is stated of sources gets too old with results, and nobody has said that this is meant. */
function ages({ source, maxAttestationAgeMs }: Rule): boolean {
  const stated = source?.stated ?? null;
  return stated !== null && !stated.isAgeSaid && maxAttestationAgeMs !== null;
}

function defineExplain(command: Command): void {
  addListedOptions(addCommonOptions(command))
    .argument("[what]", "a file, or a purl; without it, or with a policy file, the whole policy")
    .option("--policy <file>", "the policy (default: the configuration's)")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits policy explain\n  samebits policy explain policy.toml\n  samebits policy explain hello_2.10-3_amd64.deb\n  samebits policy explain 'pkg:deb/debian/hello@2.10-3?arch=amd64'",
    )
    .action(async (what: string | undefined, options: Options) => {
      const config = await openConfig(options);
      const printer = openPrinter(options);
      const isPolicy = options.policy === undefined && what?.endsWith(".toml") === true;
      const policies = await openPolicies(config, isPolicy ? what : options.policy, Date.now());
      const purl = what === undefined || isPolicy ? null : await purlOf(what, config.debNamespace);
      const { path, policy } = policies.of(purl);
      const { rule, lines } = explain(policy, purl, options);
      if (printer.json) printer.object({ samebits: 1, path, purl, rule, text: lines });
      else for (const line of lines) printer.data(line);
      if (purl !== null && rule === null) process.exitCode = EXIT.policy;
    });
}

const OPEN =
  "Which of these is for a file is told by apt's lists, or by --apt-origin and --apt-suite; where nothing tells, the strictest counts.";

function explain(
  policy: Policy,
  purl: string | null,
  options: ListedOptions,
): { readonly rule: string | null; readonly lines: readonly string[] } {
  if (purl === null) return { rule: null, lines: explainPolicy(policy) };
  const all = rulesFor(policy, purl, listedBy(options));
  const [rule = null] = all;
  const exceptions = policy.exceptions.filter((one) => mayExcept(one, purl)).map(explainException);
  if (rule === null)
    return { rule: null, lines: [`No rule is for ${purl}.`, explainDefault(policy), ...exceptions] };
  const rules = all.filter((one) => one !== null);
  const named = new Set(
    rules.flatMap((one) => [
      ...heardBy(one, policy),
      ...sourceStatersOf(one, policy),
      ...sourceSignersOf(one, policy),
    ]),
  );
  const keys = [...named].flatMap(({ name, keys }) => keys.map((key) => `  ${name}  ${keyIdPlain(key)}`));
  return {
    rule: rule.name,
    lines: [
      `${purl}:`,
      ...(all.length > 1 ? [OPEN] : []),
      ...rules.flatMap((one) => explainRule(one, policy)),
      ...(all.includes(null) ? [explainDefault(policy)] : []),
      ...exceptions,
      "Key ids:",
      ...keys,
    ],
  };
}

/** A purl as it stands, else the file's own. */
async function purlOf(what: string, debNamespace: string | null): Promise<string> {
  if (what.startsWith("pkg:")) return what;
  try {
    return (await identify(what, { debNamespace })).target.purl;
  } catch (error) {
    if (error instanceof ClientError && error.code === "artifact/not-a-package") {
      throw new ClientError("usage/bad-option", `${what} does not say what it is: give its purl`, {
        cause: error,
      });
    }
    throw error;
  }
}
