/** The real apt with sources that name `samebits+http`, from a repository on loopback that redirects, also to https, in a throw-away root. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { before, describe, test } from "node:test";
import type { Node } from "../../node/index.ts";
import { sha256, utf8 } from "../../protocol/index.ts";
import { listen, serveHttp } from "../servers.ts";
import { agreed, Machine, startFor, whyNot } from "./apt-machine.ts";
import type { AptEnded, AptRoot } from "./apt-root.ts";

const LIMIT = { timeout: 120_000 };

describe("apt's method", { skip: whyNot() }, () => {
  let machine: Machine;
  let root: AptRoot;
  let node: Node;
  let secure: string;

  /** Fetches alone: what the hook would say is not in it. */
  const fetch = async (...names: readonly string[]): Promise<AptEnded> => {
    await root.apt("clean");
    return root.apt("install", "--reinstall", "--download-only", ...names);
  };
  /** Where a certificate can be made, its address; else empty, and what it would serve stays where it is. */
  const serveTls = async (serve: RequestListener): Promise<string> => {
    const [key, cert] = [root.at("key.pem"), root.at("cert.pem")];
    const words = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    const made = spawnSync("openssl", [
      ...words,
      "-addext",
      "subjectAltName=DNS:localhost",
      "-keyout",
      key,
      "-out",
      cert,
    ]);
    if (made.status !== 0) return "";
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, serve);
    return `https://localhost:${await listen(server)}`;
  };
  /** The hook with its method, and nothing beside. */
  const guard = (mode: string): Promise<string> =>
    machine.hook(mode, "--method", "--no-coverage", "--no-hold");
  const kept = async (): Promise<readonly string[]> => {
    const all = await readdir(root.at("var/cache/apt/archives"), { recursive: true });
    return all.filter((name) => name.includes(".deb"));
  };

  before(async () => {
    machine = await Machine.open();
    ({ root } = machine);
    const [good, bad] = [await root.make("good", "1:1.0-1"), await root.make("bad", "2.0")];
    await root.make("young", "3.0+b1");
    await root.update();
    const others = { ...bad, sha256: sha256(utf8("other bits")) };
    node = await startFor(machine, ...[good, others].flatMap(agreed));
    await chmod(root.folder, 0o755); // apt's own methods run as _apt
    const serve: RequestListener = ({ url = "" }, response) => {
      readFile(root.at(`archive${decodeURIComponent(url)}`)).then(
        (octets) => response.end(octets),
        () => response.writeHead(404).end(),
      );
    };
    secure = await serveTls(serve);
    const archive = await serveHttp((request, response) => {
      const { url = "" } = request;
      if (!url.startsWith("/moved/")) serve(request, response);
      else {
        const location = `${url.includes("young") ? secure : ""}${url.slice("/moved".length)}`;
        response.writeHead(302, { location }).end();
      }
    });
    const configuration = await readFile(root.at("apt.conf"), "utf8");
    const trusted = `Acquire::https::CAInfo "${root.at("cert.pem")}";\n`;
    await writeFile(root.at("apt.conf"), configuration.replace('User "root"', 'User "_apt"') + trusted);
    await writeFile(root.at("sources.list"), `deb [trusted=yes] samebits+${archive}/moved ./\n`);
    await guard("enforce");
  });

  test(
    "lists come through it untouched, and what is reproduced is fetched and installed",
    LIMIT,
    async () => {
      const updated = await root.apt("update");
      assert.equal(updated.code, 0, updated.out);
      assert.match(updated.out, /samebits\+http:\/\/127\.0\.0\.1:.* Packages/);
      const ended = await root.apt("install", "good");
      assert.equal(ended.code, 0, ended.out);
      assert.deepEqual(await root.installed(), ["good"]);
      assert.doesNotMatch(ended.out, /unsandboxed/);
    },
  );

  test(
    "what others got otherwise, and what nobody has rebuilt, is withheld and not kept",
    LIMIT,
    async () => {
      const ended = await fetch("bad", "young");
      assert.equal(ended.code, 100, ended.out);
      assert.match(
        ended.out,
        /E: Failed to fetch samebits\+http:.*bad_2\.0_all\.deb +samebits: REFUSED +bad 2\.0 all .* 2 of 2 builders got .*Do not install it/,
      );
      assert.match(
        ended.out,
        /E: Failed to fetch .*young.* samebits: held +young .*samebits apt allow young=3\.0\+b1/,
      );
      if (secure !== "")
        assert.ok(ended.out.includes(`Failed to fetch samebits+${secure}/./young_`), ended.out);
      assert.deepEqual(await kept(), []);
    },
  );

  test("apt-get download gets what is reproduced, and nothing else", LIMIT, async () => {
    await mkdir(root.at("here"));
    await chmod(root.at("here"), 0o777);
    const download = (name: string): Promise<AptEnded> =>
      root.run("sh", ["-c", `cd ${root.at("here")} && exec apt-get download ${name}`]);
    const [good, bad] = [await download("good"), await download("bad")];
    assert.equal(good.code, 0, good.out);
    assert.equal(bad.code, 100, bad.out);
    assert.match(bad.out, /samebits: REFUSED/);
    assert.deepEqual(await readdir(root.at("here")), ["good_1%3a1.0-1_all.deb"]);
  });

  test("root lets one by", LIMIT, async () => {
    const state = ["--reason", "for the demo", "--state", root.at("state")];
    const allowed = await machine.samebits("apt", "allow", "young=3.0+b1", ...state);
    assert.equal(allowed.code, 0, allowed.out);
    const ended = await fetch("young");
    assert.equal(ended.code, 0, ended.out);
    assert.match(ended.out, /W: samebits\+http.*young.* samebits: warned +young .*for the demo/);
    assert.match(await readFile(root.at("state/log.jsonl"), "utf8"), /"event":"let-by","package":"young"/);
    await machine.samebits("apt", "allow", "young=3.0+b1", "--remove", "--state", root.at("state"));
  });

  test("in mode warn all is fetched, and all is said", LIMIT, async () => {
    await guard("warn");
    const ended = await fetch("good", "bad", "young");
    assert.equal(ended.code, 0, ended.out);
    assert.match(ended.out, /W: .*bad.*: samebits: WARNING +bad 2\.0 all/);
    assert.match(ended.out, /W: .*young.*: samebits: warned +young/);
    assert.doesNotMatch(ended.out, /W: .*good/);
  });

  test("without its node the mode decides", LIMIT, async () => {
    await node.close();
    const warned = await fetch("good");
    assert.equal(warned.code, 0, warned.out);
    assert.match(warned.out, /W: .*nobody could be asked · no node runs here/);
    await guard("enforce");
    const refused = await fetch("good");
    assert.equal(refused.code, 100, refused.out);
    assert.match(refused.out, /E: Failed to fetch .*nobody could be asked · no node runs here/);
    assert.deepEqual(await kept(), []);
  });

  test("doctor says what is wrong with it, and it goes with the hook", LIMIT, async () => {
    const doctor = async (): Promise<string> =>
      (await machine.samebits("doctor", "--data", machine.data)).out;
    assert.match(await doctor(), /^ok +apt +apt finds samebits\+http and samebits\+https/m);
    const script = root.at("state/samebits+https");
    await writeFile(script, `${await readFile(script, "utf8")}# more\n`);
    assert.match(await doctor(), /^fail +apt +.*state\/samebits\+https is not as samebits wrote it/m);
    await machine.hook("enforce");
    assert.equal(existsSync(script), false);
    await guard("enforce");
    const removed = await machine.samebits("apt", "remove-hook", "--state", root.at("state"));
    assert.equal(removed.code, 0, removed.out);
    assert.match(removed.out, /sources still name samebits\+http:\/\/127\.0\.0\.1:/);
    assert.deepEqual(
      [await root.configured(), existsSync(root.at("state"))],
      [["apt.conf.d", "preferences.d"], false],
    );
  });
});
