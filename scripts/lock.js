/**
 * `node scripts/lock.js` completes package-lock.json after an `npm install`, so that `npm ci` takes it anywhere:
 * no registry's address in it, and an entry for each platform's binary package that a registry did not have.
 * (Without those `npm ci` says "Missing … from lock file". They carry no hash, and are for platforms on which
 * this project is not developed.)
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";

const SYSTEMS = { windows: "win32", win32: "win32", darwin: "darwin", linux: "linux", freebsd: "freebsd" };

/** os, cpu and libc of a binary package, read from its name: `…/binding-linux-arm64-musl`; of others only for which system they are. */
function platformOf(name) {
  const words = name.split("/").pop().split("-");
  const at = words.findIndex((word) => word in SYSTEMS);
  if (at === -1) throw new Error(`${name}: for which system is it?`);
  const os = SYSTEMS[words[at]];
  const cpu = words[at + 1];
  const libc = words[at + 2] === "gnu" ? "glibc" : words[at + 2];
  if (!["x64", "arm64", "arm", "ia32", "ppc64", "s390x", "riscv64"].includes(cpu)) return { os: [os] };
  return {
    os: [os],
    cpu: [cpu],
    ...(os === "linux" && ["glibc", "musl"].includes(libc) ? { libc: [libc] } : {}),
  };
}

const lock = JSON.parse(readFileSync(FILE, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const flags = { ...(entry.dev ? { dev: true } : {}), optional: true };
    lock.packages[`node_modules/${name}`] ??= {
      // The smallest that fits: what a registry does not have is installed nowhere.
      version: version.replace(/^[~^]/, ""),
      ...flags,
      license: entry.license,
      ...platformOf(name),
    };
  }
}
const paths = Object.keys(lock.packages).sort();
lock.packages = Object.fromEntries(paths.map((path) => [path, lock.packages[path]]));
writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
