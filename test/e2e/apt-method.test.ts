/** The real apt with sources that name `samebits+http`, from a repository on loopback, in a throw-away root. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import type { Node } from "../../node/index.ts";
import { sha256, utf8 } from "../../protocol/index.ts";
import { serveHttp } from "../servers.ts";
import { agreed, Machine, startFor, whyNot } from "./apt-machine.ts";
import type { AptEnded, AptRoot } from "./apt-root.ts";

const LIMIT = { timeout: 120_000 };

describe("apt's method", { skip: whyNot() }, () => {
  let machine: Machine;
  let root: AptRoot;
  let node: Node;

  /** Fetches alone: what the hook would say is not in it. */
  const fetch = async (...names: readonly string[]): Promise<AptEnded> => {
    await root.apt("clean");
    return root.apt("install", "--reinstall", "--download-only", ...names);
  };
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
    const archive = await serveHttp(({ url = "" }, response) => {
      if (url.startsWith("/moved/")) response.writeHead(302, { location: url.slice(6) }).end();
      else
        readFile(root.at(`archive${decodeURIComponent(url)}`)).then(
          (octets) => response.end(octets),
          () => response.writeHead(404).end(),
        );
    });
    await chmod(root.folder, 0o755); // apt's own methods run as _apt
    const configuration = await readFile(root.at("apt.conf"), "utf8");
    await writeFile(root.at("apt.conf"), configuration.replace('User "root"', 'User "_apt"'));
    await writeFile(root.at("sources.list"), `deb [trusted=yes] samebits+${archive}/moved ./\n`);
    await machine.hook("enforce", "--method");
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
    await machine.hook("warn", "--method");
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
    await machine.hook("enforce", "--method");
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
    await machine.hook("enforce", "--method");
    const removed = await machine.samebits("apt", "remove-hook", "--state", root.at("state"));
    assert.equal(removed.code, 0, removed.out);
    assert.match(removed.out, /sources still name samebits\+http:\/\/127\.0\.0\.1:/);
    assert.deepEqual(
      [await root.configured(), existsSync(root.at("state"))],
      [["apt.conf.d", "preferences.d"], false],
    );
  });
});
