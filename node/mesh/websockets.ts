import { Server as HttpServer } from "node:http";
import { Server } from "node:net";
import type { Socket } from "node:net";
import { webSockets } from "@libp2p/websockets";
import type { Listener, Transport } from "@libp2p/interface";
import { HANDSHAKE_MS, MAX_CONNECTIONS } from "../../protocol/index.ts";
import { Callers } from "./callers.ts";

/**
 * WebSockets whose listeners are bounded. Those of `@libp2p/websockets` 10 are not: they take any number of sockets, and
 * hold for ever those on which nobody says anything, since libp2p counts a call only when its handshake is over.
 */
export function boundedWebSockets(): ReturnType<typeof webSockets> {
  const make = webSockets();
  return (components) => {
    const transport: Transport = make(components);
    const create = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = create(options);
      bound(listener);
      return listener;
    };
    return transport;
  };
}

function bound(listener: Listener): void {
  const server = "server" in listener ? listener.server : null;
  if (!(server instanceof Server)) throw new TypeError("another version of @libp2p/websockets was expected");
  const callers = new Callers();
  const upgraded = new WeakSet<object>();
  server.maxConnections = MAX_CONNECTIONS;
  server.once("listening", () => {
    const http = "http" in listener ? listener.http : null;
    if (http instanceof HttpServer) http.on("upgrade", (_request, socket) => upgraded.add(socket));
  });
  server.on("connection", (socket: Socket) => {
    const leave = callers.enter(socket.remoteAddress ?? "");
    if (leave === null) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => {
      if (!upgraded.has(socket)) socket.destroy();
    }, HANDSHAKE_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      leave();
    });
  });
}
