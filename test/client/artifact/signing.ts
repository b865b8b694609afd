/** The programs that files are signed with, run in a folder of a test's own, with keys made for it. */
import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Runs a program in a folder; its home, and GnuPG's, is there. Throws with what it printed. */
export function run(folder: string, program: string, ...args: readonly string[]): string {
  const env = { ...process.env, HOME: folder, GNUPGHOME: join(folder, "gnupg"), LC_ALL: "C" };
  return execFileSync(program, args, {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A key and a certificate for it: `NAME.key`, `NAME.crt`. */
export function certificate(folder: string, name: string, ...kind: readonly string[]): void {
  const key = ["-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`];
  run(folder, "openssl", "req", "-x509", "-nodes", "-newkey", ...kind, ...key);
}

/** With keys of GnuPG, `KIND@example.org` each, whose agent ends afterwards. */
export async function withKeys(
  folder: string,
  kinds: readonly string[],
  use: () => Promise<void>,
): Promise<void> {
  await mkdir(join(folder, "gnupg"), { mode: 0o700 });
  const make = ["--batch", "--quiet", "--passphrase", "", "--quick-gen-key"];
  try {
    for (const kind of kinds) run(folder, "gpg", ...make, `<${kind}@example.org>`, kind, "sign", "never");
    await use();
  } finally {
    run(folder, "gpgconf", "--kill", "gpg-agent");
  }
}
