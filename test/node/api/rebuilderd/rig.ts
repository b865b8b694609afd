/** A node with rebuilderd's interface, asked as HTTP clients do that name a host. */
import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { Node, NodeConfig } from "../../../../node/index.ts";
import { ed25519Key } from "../../../../protocol/index.ts";
import type { TestBuilder } from "../../../e2e/claims.ts";
import { startTestNode } from "../../test-node.ts";

type Builders = NonNullable<NodeConfig["rebuilderd"]>["builders"];

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A builder of the policy with these keys. */
export function member(name: string, ...keys: readonly TestBuilder[]): Builders[number] {
  return { name, keys: keys.map(({ raw }) => ({ key: ed25519Key(raw), until: null })) };
}

export async function startGatewayNode(
  builders: Builders,
  changes: Partial<NodeConfig> = {},
  gateway: Partial<NodeConfig["rebuilderd"]> = {},
): Promise<Node> {
  const listen = "127.0.0.1:0";
  const rebuilderd = { listen, public: false, hosts: [], namespace: "debian", builders, ...gateway };
  return startTestNode({ rebuilderd, ...changes });
}

/** Asks for a path, as `host` without its port, whatever resolves that. */
export function ask(
  node: Pick<Node, "rebuilderd">,
  host: string,
  path: string,
  options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const { port } = new URL(node.rebuilderd ?? "");
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {} } = options;
    const asked = request(
      { host: "127.0.0.1", port, path, method, headers: { host: `${host}:${port}`, ...headers } },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => (body += part));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

/** The same, read as JSON. */
export async function askJson(node: Node, host: string, path: string): Promise<unknown> {
  const { body } = await ask(node, host, path);
  return JSON.parse(body) as unknown;
}
