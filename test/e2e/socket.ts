import { request } from "node:http";

/** What a node answered, unread. */
export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Puts one request to a node by its unix socket; `body` is JSON unless `type` says otherwise, null for none. */
export async function askSocket(
  socketPath: string,
  method: string,
  path: string,
  token: string,
  body: string | null,
  type = "application/json",
): Promise<RawAnswer> {
  const headers = { "content-type": type, authorization: `Bearer ${token}` };
  const answer = Promise.withResolvers<RawAnswer>();
  // No kept connection: the node may be closing one just then.
  const outgoing = request({ socketPath, method, path, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", answer.reject);
    response.on("end", () =>
      answer.resolve({
        status: response.statusCode ?? 0,
        type: response.headers["content-type"] ?? "",
        text: Buffer.concat(chunks).toString(),
      }),
    );
  });
  outgoing.on("error", answer.reject);
  outgoing.end(body ?? undefined);
  return answer.promise;
}
