/** Debian's own apt in a folder of its own, with one package in a repository on loopback and a transport that asks rebuilders. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { sha256Hex } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { listen, serveHttp } from "../servers.ts";

const METHODS = "/usr/lib/apt/methods";
export const VECTOR: string = join(
  import.meta.dirname,
  "../vectors/in-toto/apt-transport/hello-att_1.0-1_all.deb",
);
export const PACKAGE = "hello-att";
export const FILE = "hello-att_1.0-1_all.deb";

const packageBytes = await readFile(VECTOR);
/** Of the package's file, in hex. */
export const packageDigest: string = sha256Hex(packageBytes);

/** Where apt keeps a transport; null where there is none of that name. */
export function methodOf(name: string): string | null {
  const path = join(METHODS, name);
  return existsSync(path) ? path : null;
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a program with this environment only, apart from PATH and HOME. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { PATH = "", HOME = "/root" } = process.env;
    const child = spawn(program, args, { env: { PATH, HOME, LC_ALL: "C.UTF-8", ...env }, stdio: "pipe" });
    let output = "";
    const take = (part: Buffer): void => void (output += part.toString());
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

export interface Apt {
  readonly folder: string;
  /** Whether apt gets the package; what it says goes with it. */
  readonly install: (
    ...options: readonly string[]
  ) => Promise<{ readonly got: boolean; readonly output: string }>;
}

/** `scheme`: of the transport; `config`: lines of its configuration; `proxy`: what resolves the names of hosts. */
export async function openApt(
  scheme: string,
  method: string,
  options: {
    readonly proxy: string;
    readonly config?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Apt> {
  const folder = await newFolder();
  for (const part of ["lists/partial", "cache/archives/partial", "methods", "etc"])
    await mkdir(join(folder, part), { recursive: true });
  for (const name of readdirSync(METHODS).filter((one) => one !== scheme))
    await symlink(join(METHODS, name), join(folder, "methods", name));
  await symlink(method, join(folder, "methods", scheme));
  await writeFile(join(folder, "status"), "");
  await writeFile(join(folder, "etc/sources.list"), `deb [trusted=yes] ${scheme}://repository.test/ ./\n`);
  const file = join(folder, "apt.conf");
  await writeFile(file, `${confOf(folder)}${options.config ?? ""}`);
  const env = { APT_CONFIG: file, http_proxy: options.proxy, ...options.env };
  const updated = await run("apt-get", ["update"], env);
  if (updated.code !== 0) throw new Error(updated.output);
  return {
    folder,
    async install(...more) {
      const args = ["install", "--yes", "--download-only", ...more, PACKAGE];
      const { code, output } = await run("apt-get", args, env);
      return { got: code === 0 && existsSync(join(folder, "cache/archives", FILE)), output };
    },
  };
}

/** Nothing of this machine's configuration, lists or packages. */
function confOf(folder: string): string {
  return `Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::sourcelist "${folder}/etc/sources.list"; Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}"; Dir::State::lists "${folder}/lists"; Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache"; Dir::Bin::methods "${folder}/methods"; Dir::Log "${folder}";
APT::Sandbox::User ""; APT::Architecture "amd64"; Acquire::Languages "none"; Debug::NoLocking "true";
`;
}

/** A flat repository with the package. */
export function serveRepository(): Promise<string> {
  const fields = `Package: ${PACKAGE}\nVersion: 1.0-1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: nothing\n`;
  const packages = `${fields}Filename: ./${FILE}\nSize: ${packageBytes.length}\nSHA256: ${packageDigest}\n\n`;
  return serveHttp(({ url }, response) => {
    const { pathname } = new URL(url ?? "", "http://x");
    if (pathname === "/Packages") response.end(packages);
    else if (pathname === `/${FILE}`) response.end(packageBytes);
    else response.writeHead(404).end();
  });
}

/** A proxy that sends what is asked of `*.localhost` to one place and everything else to another: no name need resolve. */
export async function openProxy(gateway: string, repository: string): Promise<string> {
  const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
    const { hostname, host, pathname, search } = new URL(asked.url ?? "", `http://${asked.headers.host}`);
    const to = new URL(hostname.endsWith(".localhost") ? gateway : repository);
    const passed = request(
      { host: to.hostname, port: to.port, path: `${pathname}${search}`, headers: { ...asked.headers, host } },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    passed.on("error", () => answer.writeHead(502).end());
    passed.end();
  };
  return `http://127.0.0.1:${await listen(createServer(pass))}`;
}
