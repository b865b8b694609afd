/** What must not be left behind, however this process ends: Node runs nothing of us where a signal ends it. Only SIGKILL leaves it. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const open = new Set<() => void>();

/** Calls `undo` when this process ends before what is returned is called. A signal ends it as if nobody had heard it. */
export function undoAtEnd(undo: () => void): () => void {
  // Each time another one, so that each call has its own end.
  const own = (): void => undo();
  if (open.size === 0) listen();
  open.add(own);
  return () => {
    open.delete(own);
    if (open.size === 0) unlisten();
  };
}

function listen(): void {
  process.on("exit", undoAll);
  for (const signal of SIGNALS) process.on(signal, endBy);
}

function unlisten(): void {
  process.off("exit", undoAll);
  for (const signal of SIGNALS) process.off(signal, endBy);
}

/** What was begun last first. */
function undoAll(): void {
  for (const undo of [...open].toReversed()) {
    open.delete(undo);
    try {
      undo();
    } catch {
      // it ends all the same, and the others are undone
    }
  }
}

/** Others who listen may have their own way to end. */
function endBy(signal: NodeJS.Signals): void {
  undoAll();
  unlisten();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
