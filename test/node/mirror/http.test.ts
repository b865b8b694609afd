import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { test } from "node:test";
import { httpMirror } from "../../../node/mirror/http.ts";
import { serveHttp } from "../../servers.ts";

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const text = (octets: Uint8Array | null): string | null => octets && new TextDecoder().decode(octets);

test("mirror: what changes and has not is not sent again; the paths below the folder are asked for", async () => {
  const asked: [string, string | undefined, number][] = [];
  const site = await serveHttp(({ url = "", headers }, response) => {
    const same = headers["if-none-match"] === '"7"';
    asked.push([url, headers["if-none-match"], same ? 304 : 200]);
    if (same) response.writeHead(304).end();
    else response.writeHead(200, { etag: '"7"' }).end(`at ${url}`);
  });
  const mirror = httpMirror(new URL(`${site}/feeds/one`));
  for (let i = 0; i < 2; i++)
    assert.equal(text(await mirror.read("checkpoint", 100, soon())), "at /feeds/one/checkpoint");
  assert.equal(text(await mirror.read("tile/0/000", 100, soon())), "at /feeds/one/tile/0/000");
  for (const path of ["timed", "tile/0/000", "cosigned", "timed"]) await mirror.read(path, 100, soon());
  assert.deepEqual(asked, [
    ["/feeds/one/checkpoint", undefined, 200],
    ["/feeds/one/checkpoint", '"7"', 304],
    ["/feeds/one/tile/0/000", undefined, 200],
    ["/feeds/one/timed", undefined, 200],
    ["/feeds/one/tile/0/000", undefined, 200],
    ["/feeds/one/cosigned", undefined, 200],
    ["/feeds/one/timed", '"7"', 304],
  ]);
});

test("mirror: a name that stands for a private address is refused; the address itself, written by the operator, is not (R27)", async (context) => {
  const site = await serveHttp((_, response) => response.end("inside"));
  const { port } = new URL(site);
  const addresses = await lookup(hostname(), { all: true }).catch(() => []);
  if (addresses.length === 0) return context.skip("this machine's own name has no address");
  await assert.rejects(
    httpMirror(new URL(`http://${hostname()}:${port}/`)).read("x", 100, soon()),
    /private network/,
  );
  assert.equal(text(await httpMirror(new URL(site)).read("x", 100, soon())), "inside");
  assert.equal(text(await httpMirror(new URL(`http://localhost:${port}/`)).read("x", 100, soon())), "inside");
});

test("mirror: what is not there is null; what is wrong has a code, and is let go", async () => {
  let elsewhere = 0;
  const other = await serveHttp((_, response) => {
    elsewhere++;
    response.end("secret");
  });
  const site = await serveHttp(({ url = "" }, response) => {
    if (url === "/none") response.writeHead(404).end("a page that says so");
    else if (url === "/gone") response.writeHead(410).end();
    else if (url === "/broken") response.writeHead(500).end();
    else if (url === "/moved") response.writeHead(302, { location: other }).end();
    else if (url === "/long") response.end("x".repeat(101));
    else if (url === "/endless") {
      const more = (): boolean => response.write("x".repeat(1_000));
      response.on("drain", more);
      while (more());
    } else if (url === "/cut") {
      response.writeHead(200, { "content-length": "50" });
      response.write("x");
      setTimeout(() => response.destroy(), 20);
    } else if (url === "/exact") response.end("x".repeat(100));
    // all others are never answered
  });
  const mirror = httpMirror(new URL(site));
  const read = (path: string): Promise<Uint8Array | null> => mirror.read(path, 100, soon());
  assert.equal(await read("none"), null);
  assert.equal(await read("gone"), null);
  assert.equal((await read("exact"))?.length, 100);
  for (const path of ["broken", "moved", "cut"])
    await assert.rejects(read(path), { code: "mesh/unreachable" }, path);
  for (const path of ["long", "endless"]) await assert.rejects(read(path), { code: "mesh/too-big" }, path);
  await assert.rejects(mirror.read("silent", 100, AbortSignal.timeout(50)), { code: "mesh/timeout" });
  await assert.rejects(httpMirror(new URL("http://127.0.0.1:1/")).read("x", 100, soon()), {
    code: "mesh/unreachable",
  });
  assert.equal(elsewhere, 0, "no redirect is followed");
});
