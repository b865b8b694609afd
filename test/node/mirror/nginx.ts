/** A web server that is not ours, where there is one. */
import { spawn, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { atEnd } from "../../at-end.ts";
import { newFolder } from "../folder.ts";
import { until } from "../mesh/peers.ts";

const NGINX = ["nginx", "/usr/sbin/nginx"].find((path) => spawnSync(path, ["-v"]).status === 0);
/** Why what needs it is left out; false where it is here. */
export const skip: string | false =
  NGINX === undefined ? "no nginx here: scripts/debian.sh installs it" : false;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Serves a folder as a web site; the port, and the log of what was asked. */
export async function startNginx(root: string): Promise<{ readonly port: number; readonly log: string }> {
  const [folder, port] = [await newFolder(), await freePort()];
  await mkdir(join(folder, "logs"));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const log = join(folder, "access.log");
  await writeFile(
    join(folder, "nginx.conf"),
    // the folder is this user's alone
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http { access_log ${log}; ${paths.join(" ")} server { listen 127.0.0.1:${port}; root ${root}; } }
`,
  );
  const nginx = spawn(NGINX ?? "nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: "ignore",
  });
  atEnd(() => nginx.kill("SIGQUIT"));
  await until("nginx", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    return answer !== null;
  });
  return { port, log };
}
