/**
 * What is no request of this interface, and never comes to its routes: octets that are no HTTP, a head without end, a target or `Host` of which no URL can
 * be made. It is answered as everything else is: by a problem object with a stable code.
 */
import { STATUS_CODES } from "node:http";
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { PROBLEM_TYPE, problemText } from "./problem.ts";
import type { Turns } from "./turns.ts";

type Status = 400 | 404 | 408 | 417 | 431;

const WORDS: Readonly<Record<Status, string>> = {
  400: "this is no HTTP request that can be read here: see RFC 9112, and mind the Host",
  404: "only GET and POST are known here",
  408: "the request did not come to its end in time",
  417: "no expectation but 100-continue is met here",
  431: "the request line and the header fields are longer than what is read of them",
};
/** By the code of Node's parser. */
const STATUS: ReadonlyMap<string, Status> = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/** Has the server answer what its parser refuses, and what it would otherwise hang up on without a word: after what was asked before. */
export function answerUnreadable(server: Server, turns: Turns): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // An answer that has begun may go on for ever, and there is nothing more to read.
    if (turns.underWay(socket)?.headersSent === true || !socket.writable) socket.destroy();
    else turns.end(socket, () => refuse(socket, STATUS.get(error.code ?? "") ?? 400));
  });
  server.on("connect", (_, socket) => {
    // Node has let go of the connection: what is still being answered on it hears nothing of it any more.
    socket.on("drain", () => turns.underWay(socket)?.emit("drain"));
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    turns.end(socket, () => refuse(socket, 404));
  });
  server.on("checkExpectation", ({ socket }, response) => {
    turns.take(socket, response, () => {
      const text = problemText(417, "http/bad-request", WORDS[417]);
      const headers = { "content-type": PROBLEM_TYPE, "content-length": Buffer.byteLength(text) };
      response.writeHead(417, { ...headers, connection: "close" }).end(text);
    });
  });
}

/** The answer to what the routes could not be asked, as `createAdaptorServer` takes one. */
export function unreadable(error: unknown): Response {
  if (!(error instanceof RequestError)) {
    const text = problemText(500, "internal/impossible", "this is our bug: please report it");
    return new Response(text, { status: 500, headers: { "content-type": PROBLEM_TYPE } });
  }
  const text = problemText(400, "http/bad-request", WORDS[400]);
  return new Response(text, { status: 400, headers: { "content-type": PROBLEM_TYPE } });
}

function refuse(socket: Duplex, status: Status): void {
  const text = problemText(status, status === 404 ? "http/no-such-route" : "http/bad-request", WORDS[status]);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Connection: close",
  ];
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`, () => socket.destroy());
}
