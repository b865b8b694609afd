/**
 * `node scripts/lock.js` completes package-lock.json after an `npm install`, so that `npm ci` takes it anywhere:
 * no registry's address in it, and an entry for each platform's binary package that a registry did not have.
 * (Without those `npm ci` says "Missing … from lock file". They carry no hash, and are for platforms on which
 * this project is not developed.)
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";

/** os, cpu and libc of a binary package, read from the end of its name: `…/binding-linux-arm64-musl`. */
function platformOf(name) {
  const [os, cpu, abi] = name
    .split("/")
    .pop()
    .replace(/^binding-/, "")
    .split("-");
  const libc = abi === "gnu" ? "glibc" : abi;
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
      version,
      ...flags,
      license: entry.license,
      ...platformOf(name),
    };
  }
}
const paths = Object.keys(lock.packages).sort();
lock.packages = Object.fromEntries(paths.map((path) => [path, lock.packages[path]]));
writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
