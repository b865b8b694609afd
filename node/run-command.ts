import type { Command, CommandResult } from "../protocol/index.ts";
import type { Driver } from "./driver.ts";
import { NodeError, Refused } from "./errors.ts";

type Success<Do extends Command["do"]> = Extract<CommandResult, { readonly ok: true; readonly do: Do }>;

/** Runs a command; rejects with `Refused` if the engine says no. */
export async function runCommand<Do extends Command["do"]>(
  driver: Driver,
  command: Command,
  does: Do,
): Promise<Success<Do>> {
  const result = await driver.command(command);
  if (!result.ok) throw new Refused(result.code, result.message);
  if (!isOf(result, does))
    throw new NodeError("node/no-engine", `the engine answers ${result.do} to ${does}`);
  return result;
}

function isOf<Do extends Command["do"]>(result: CommandResult, does: Do): result is Success<Do> {
  return result.ok && result.do === does;
}
