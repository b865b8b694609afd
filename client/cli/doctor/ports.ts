import { once } from "node:events";
import { createServer } from "node:net";
import type { Config } from "../../config.ts";
import { NODE_DEFAULTS } from "../../settings/index.ts";
import { fail } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** Of a node that does not run: whether somebody else has what it is to listen on. */
export async function lookAtPorts({ node }: Config): Promise<readonly Finding[]> {
  const wanted = [
    ...(node.listen ?? NODE_DEFAULTS.listen).flatMap((address) => placeOf("listen", address, MULTIADDR)),
    ...placeOf("api_listen", node.apiListen ?? NODE_DEFAULTS.apiListen, HOST_PORT),
    ...placeOf("rebuilderd_api", node.rebuilderdApi ?? "", HOST_PORT),
  ];
  const findings = await Promise.all(wanted.map(whyNot));
  return findings.flat();
}

interface Place {
  readonly setting: string;
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

const MULTIADDR = /^\/ip[46]\/([^/]+)\/tcp\/([0-9]{1,5})/;
const HOST_PORT = /^\[?([^\]]+?)\]?:([0-9]{1,5})$/;

function placeOf(setting: string, text: string, form: RegExp): readonly Place[] {
  const [, host, port] = form.exec(text) ?? [];
  return host === undefined || Number(port) === 0 || Number(port) > 65_535
    ? []
    : [{ setting, text, host, port: Number(port) }];
}

async function whyNot({ setting, text, host, port }: Place): Promise<readonly Finding[]> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    return [];
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    const why = new Map<unknown, string>([
      ["EADDRINUSE", "another program has that port: end it (ss -ltnp says which), or choose another"],
      ["EACCES", "this user may not listen there: choose a port from 1024 on"],
      ["EADDRNOTAVAIL", "this machine does not have that address"],
    ]).get(code);
    return [fail("port", `${setting} ${text}: ${why ?? String(error)}`)];
  } finally {
    server.close();
  }
}
