import { after } from "node:test";

type Close = () => unknown;

const open: Close[] = [];
after(async () => {
  const failures: unknown[] = [];
  for (const close of open.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "not everything could be closed");
});

/** Closes what a test file opened when the file is done: what was opened last first. */
export function atEnd(close: Close): void {
  open.push(close);
}
