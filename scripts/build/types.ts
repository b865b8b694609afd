/** Declarations of the doors and of what they name, for who uses the package from TypeScript. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes `<room>/…/*.d.ts` into `outDir`. Throws with the compiler's words when it finds a fault. */
export function declareTypes(top: string, rooms: readonly string[], outDir: string): void {
  // the settings stand inside the project, so that the compiler finds the packages' types
  const folder = mkdtempSync(join(top, "node_modules/.types-"));
  const options = { noEmit: false, emitDeclarationOnly: true, rootDir: top, outDir };
  const files = rooms.map((room) => join(top, room, "index.ts"));
  const config = { extends: join(top, "tsconfig.json"), compilerOptions: options, files, include: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const args = [join(top, "node_modules/typescript/bin/tsc"), "-p", folder];
  const result = spawnSync(process.execPath, args, { cwd: top, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  if (result.status !== 0) throw new Error(`no declarations:\n${result.stdout}${result.stderr}`);
}
