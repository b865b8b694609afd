/** What a builder's machine leaves on files, made the same everywhere: permissions and times. */
import { chmodSync, lutimesSync, readdirSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";

const RUN =
  /^(DEBIAN\/(postinst|prerm|postrm)|usr\/lib\/samebits\/(bin\/node|lib\/samebits\.sh|samebits-verify\.mjs))$/;

/** Whatever the umask was; `seconds` since 1970 for all. Owners are dpkg-deb's matter. */
export function settle(tree: string, seconds: number): void {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) lutimesSync(path, seconds, seconds);
    else chmodSync(path, entry.isDirectory() || RUN.test(relative(tree, path)) ? 0o755 : 0o644);
  }
  chmodSync(tree, 0o755);
  for (const entry of entries)
    if (!entry.isSymbolicLink()) utimesSync(join(entry.parentPath, entry.name), seconds, seconds);
  utimesSync(tree, seconds, seconds);
}
