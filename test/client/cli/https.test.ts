/** A node behind TLS, as a company shares one (CONTRACT, `--api`): the certificate is checked, the answers are read as any other's. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { LAUNCHER } from "../../built.ts";
import { newFolder } from "../../node/folder.ts";

const OPENSSL = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
const skip =
  spawnSync("openssl", ["version"]).status === 0 ? false : "openssl, which makes a certificate, is not here";

test("https: a node whose certificate holds is asked, another one is not", { skip }, async () => {
  const folder = await newFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  assert.equal(spawnSync("openssl", [...OPENSSL, ...names, "-keyout", key, "-out", cert]).status, 0);
  const asked: string[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, answer) => {
    asked.push(`${request.method} ${request.url} of ${request.headers.host}`);
    answer.writeHead(503, { "content-type": "application/problem+json" });
    answer.end(
      '{"samebits":1,"type":"about:blank","title":"busy","status":503,"code":"node/busy","detail":"ask later"}',
    );
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const status = async (trusted: Record<string, string>): Promise<readonly [unknown, string]> => {
    const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...trusted };
    const args = [LAUNCHER, "status", "--api", `https://localhost:${port}`];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.on("data", (part) => (err += String(part)));
    const [code] = (await once(child, "close")) as unknown[];
    return [code, err];
  };
  const [refused, why] = await status({});
  assert.equal(refused, 69);
  assert.match(why, /certificate.*\[api\/unreachable\]\n$/);
  assert.deepEqual(asked, []);
  const [code, words] = await status({ NODE_EXTRA_CA_CERTS: cert });
  assert.equal(code, 69);
  assert.match(words, /answers 503: ask later \(node\/busy\) \[api\/refused\]\n$/);
  assert.deepEqual(asked, [`GET /v1/status of localhost:${port}`]);
  server.close();
});
