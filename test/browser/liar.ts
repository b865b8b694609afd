import { createServer, request } from "node:http";
import { fromBase64, toBase64 } from "../../protocol/index.ts";
import { listen } from "../servers.ts";

/** What a lying node changes in its answers, by path. */
export type Lies = Readonly<Record<string, (body: string) => string>>;

/** A server in front of a node that hands on all, but for what it lies about. Its address. */
export async function serveLies(node: string, lies: Lies): Promise<string> {
  const { hostname, port } = new URL(node);
  const server = createServer((from, to) => {
    const { method, url = "/", headers } = from;
    const lie = lies[new URL(url, node).pathname];
    const onward = { ...headers, host: `${hostname}:${port}`, origin: node };
    const asked = request({ hostname, port, method, path: url, headers: onward }, (answer) => {
      if (lie === undefined) {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
        return;
      }
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        to.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
        to.end(lie(Buffer.concat(parts).toString("utf8")));
      });
    });
    asked.on("error", () => to.destroy());
    from.pipe(asked);
  });
  const own = await listen(server);
  return `http://127.0.0.1:${own}`;
}

/** The same member of base64 with other octets: one bit in the middle is another. */
export function tampered(base64: string): string {
  const octets = fromBase64(base64);
  const at = Math.floor(octets.length / 2);
  octets[at] = (octets[at] ?? 0) ^ 1;
  return toBase64(octets);
}
