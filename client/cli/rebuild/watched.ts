import type { Printer } from "../print.ts";

/** Says what is going on: each step on a line of its own where nobody watches a terminal. */
export async function watched<T>(
  printer: Printer,
  run: (tell: (what: string) => void) => Promise<T>,
): Promise<T> {
  let doing = "beginning";
  const started = performance.now();
  const end = printer.progress(
    () => `samebits: ${doing} … ${Math.round((performance.now() - started) / 1_000)} s`,
  );
  try {
    return await run((what) => {
      doing = what;
      printer.detail(`samebits: ${what}`);
    });
  } finally {
    end();
  }
}
