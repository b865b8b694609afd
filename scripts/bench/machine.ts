/** What the machine is, and how much of it others took while something was measured (Linux). */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

const MS_A_TICK = 10;

export interface MachineUse {
  readonly cores: number;
  /** The part of the machine's CPU time since the start that neither these `ourMs` nor nobody had. */
  othersShare(ourMs: number): number;
}

export function machineUse(): MachineUse {
  const cores = cpus().length;
  const began = performance.now();
  const before = busyMs();
  return {
    cores,
    othersShare: (ourMs) =>
      Math.max(0, busyMs() - before - ourMs) / (cores * Math.max(1, performance.now() - began)),
  };
}

/** One line for BENCHMARKS.md. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? "?"}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** ms of CPU that all processes together have used, those of the system too. */
function busyMs(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * MS_A_TICK;
}
