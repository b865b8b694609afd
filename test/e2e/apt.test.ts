/** The real apt, guarded by the hook, in a throw-away root. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import type { Node } from "../../node/index.ts";
import { sha256, utf8 } from "../../protocol/index.ts";
import { assertPrinted } from "../json-schemas.ts";
import { agreed, Machine, NETWORK, PROGRAM, startFor, whyNot } from "./apt-machine.ts";
import type { Made } from "./apt-root.ts";

const LIMIT = { timeout: 120_000 };

describe("apt", { skip: whyNot() }, () => {
  let machine: Machine;
  let node: Node;
  let loose: Made;

  before(async () => {
    machine = await Machine.open();
    const { root } = machine;
    const good = await root.make("good", "1:1.0-1");
    const bad = await root.make("bad", "2.0");
    await root.make("young", "3.0+b1");
    const more = await Promise.all(Array.from({ length: 40 }, (_, n) => root.make(`many${n}`, "1.0")));
    await root.update();
    loose = await root.make("loose", "4.0"); // in no list
    const others = { ...bad, sha256: sha256(utf8("other bits")) };
    node = await startFor(machine, ...[good, others, loose, ...more].flatMap(agreed));
  });

  test("a hook is written, is heard by apt, and goes without a trace", LIMIT, async () => {
    const { root } = machine;
    const untouched = await root.configured();
    const written = await machine.hook("enforce");
    assert.match(written, /^ok +apt +.*50samebits: apt asks .*, mode enforce$/m);
    const doctor = await machine.samebits("doctor", "--data", machine.data, "--network", NETWORK);
    assert.match(doctor.out, /^ok +apt /m);
    assert.doesNotMatch(doctor.out, /only warns/);
    const policy = await readFile(root.at("policy.toml"), "utf8");
    await writeFile(root.at("policy.toml"), policy.replace(/^require.*$/gm, '$&\nmode = "warn"'));
    const warned = await machine.samebits("doctor", "--data", machine.data, "--network", NETWORK);
    await writeFile(root.at("policy.toml"), policy);
    assert.match(warned.out, /^warn +apt .* only warns \(mode = "warn" in all of its rules\)/m);
    const words = ["apt", "remove-hook", "--json", "--quiet", "--state", root.at("state")];
    const removed = await machine.samebits(...words);
    assert.equal(removed.code, 0, removed.out);
    assertPrinted(words, { ...removed, err: "" });
    assert.deepEqual([await root.configured(), existsSync(root.at("state"))], [untouched, false]);
  });

  test("what is reproduced is installed, many at once too", LIMIT, async () => {
    await machine.hook("enforce");
    const names = ["good", ...Array.from({ length: 40 }, (_, n) => `many${n}`)];
    const ended = await machine.root.apt("install", ...names);
    assert.equal(ended.code, 0, ended.out);
    const lines = ended.out.match(/^samebits: 41 packages · 41 reproduced$/gm);
    assert.equal(lines?.length, 2, "before the question, and when it was checked");
    assert.deepEqual((await machine.root.installed()).toSorted(), names.toSorted());
  });

  test("what others got otherwise stops all, before anything is unpacked", LIMIT, async () => {
    await machine.hook("enforce");
    await machine.root.apt("remove", "good");
    const ended = await machine.root.apt("install", "good", "bad");
    assert.equal(ended.code, 100, ended.out);
    assert.match(ended.out, /2 packages · 1 reproduced · 1 NOT THE SAME BITS\n {2}REFUSED +bad 2.0 all/);
    assert.match(ended.out, /E: transaction refused before unpacking; nothing was changed/);
    assert.doesNotMatch(ended.out, /apt allow bad/);
    assert.equal((await machine.root.installed()).includes("good"), false);
  });

  test("what nobody has rebuilt stops it too, until root lets it by, which is logged", LIMIT, async () => {
    await machine.hook("enforce");
    const held = await machine.root.apt("install", "young");
    assert.equal(held.code, 100, held.out);
    assert.match(held.out, /1 package · 1 pending\n {2}held +young 3.0\+b1 all/);
    const way = /now: samebits (apt allow young=3\.0\+b1) --reason WHY --for 24h/.exec(held.out)?.[1] ?? "";
    const state = ["--state", machine.root.at("state")];
    const allowed = await machine.samebits(
      ...way.split(" "),
      "--reason",
      "for the demo",
      "--for",
      "1h",
      ...state,
    );
    assert.equal(allowed.code, 0, allowed.out);
    const by = await machine.root.apt("install", "young");
    assert.equal(by.code, 0, by.out);
    assert.match(by.out, /LET BY AS AN EXCEPTION[^]*allowed {2}young=3\.0\+b1 until .*: for the demo/);
    const log = await readFile(machine.root.at("state/log.jsonl"), "utf8");
    assert.deepEqual(
      [...log.matchAll(/"event":"([a-z-]+)","package":"young"/g)].map(([, event]) => event),
      ["allowed", "let-by"],
    );
    const taken = await machine.samebits("apt", "allow", "young=3.0+b1", "--remove", ...state);
    assert.equal(taken.code, 0, taken.out);
    await machine.root.apt("remove", "young");
    assert.equal((await machine.root.apt("install", "young")).code, 100);
  });

  test("a contradiction is let by only where root says so in so many words", LIMIT, async () => {
    await machine.hook("enforce");
    const state = ["--reason", "looked at it", "--state", machine.root.at("state")];
    await machine.samebits("apt", "allow", "bad=2.0", ...state);
    assert.equal((await machine.root.apt("install", "bad")).code, 100);
    await machine.samebits("apt", "allow", "bad=2.0", "--even-contradicted", ...state);
    const ended = await machine.root.apt("install", "bad");
    assert.equal(ended.code, 0, ended.out);
    await machine.samebits("apt", "allow", "bad=2.0", "--remove", "--state", machine.root.at("state"));
    await machine.root.apt("remove", "bad");
  });

  test("in mode warn all is installed, and all is said", LIMIT, async () => {
    await machine.hook("warn");
    const ended = await machine.root.apt("install", "bad", "young");
    assert.equal(ended.code, 0, ended.out);
    assert.match(
      ended.out,
      /WARNING +bad 2\.0 all[^]*warned +young[^]*the mode is warn: the transaction goes on/,
    );
    await machine.root.apt("remove", "bad", "young");
  });

  test("a file that others than root can change is refused, and so is the policy", LIMIT, async () => {
    const { root } = machine;
    await machine.hook("enforce");
    await root.apt("remove", "good");
    const [path, policy] = [root.at("archive/good_1.0-1_all.deb"), root.at("policy.toml")];
    for (const [spoil, mend] of [
      [() => chmodSync(path, 0o666), () => chmodSync(path, 0o644)],
      [() => chownSync(root.at("archive"), 12_345, 0), () => chownSync(root.at("archive"), 0, 0)],
      [() => chmodSync(policy, 0o646), () => chmodSync(policy, 0o644)],
    ] as const) {
      spoil();
      const ended = await root.apt("install", "good");
      mend();
      assert.equal(ended.code, 100, ended.out);
      assert.match(ended.out, /\[apt\/unsafe-file\]/);
    }
    assert.equal((await root.apt("install", "good")).code, 0);
  });

  test("a damaged file is not what anybody got", LIMIT, async () => {
    await machine.hook("enforce");
    const octets = await readFile(loose.path);
    octets[octets.lastIndexOf("loose 4.0")] = "L".charCodeAt(0);
    await writeFile(loose.path, octets);
    const ended = await machine.root.apt("install", loose.path);
    assert.equal(ended.code, 100, ended.out);
    assert.match(ended.out, /REFUSED +loose 4\.0 all .*2 of 2 builders got /);
  });

  test(
    "with --json it prints a verdict for each package, and what becomes of the transaction",
    LIMIT,
    async () => {
      const { root, data } = machine;
      await machine.hook("enforce");
      const state = [
        "--state",
        root.at("state"),
        "--policy",
        root.at("policy.toml"),
        "--config",
        "/dev/null",
      ];
      const words = [
        "apt",
        "pre-install",
        "--json",
        "--mode",
        "enforce",
        "--data",
        data,
        "--network",
        NETWORK,
        ...state,
      ];
      await writeFile(
        root.at("told"),
        ["good_1.0-1", "bad_2.0"].map((name) => `${root.at("archive")}/${name}_all.deb\n`).join(""),
      );
      const ended = await root.run("sh", [
        "-c",
        `"$0" "$@" < ${root.at("told")} 2> /dev/null`,
        PROGRAM,
        ...words,
      ]);
      assertPrinted(words, { ...ended, err: "" });
      const objects = ended.out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(
        objects.map(({ verdict, refused, goes_on }) => [verdict, refused, goes_on]),
        [
          ["reproduced", undefined, undefined],
          ["contradicted", undefined, undefined],
          [undefined, 1, false],
        ],
      );
      assert.equal(ended.code, 1);
    },
  );

  test("apt's older protocols do as well", LIMIT, async () => {
    const { root } = machine;
    await machine.hook("enforce");
    const hook = root.at("etc/apt/apt.conf.d/50samebits");
    const text = await readFile(hook, "utf8");
    for (const version of ["1", "2"]) {
      await writeFile(hook, text.replace('Version "3"', `Version "${version}"`));
      await root.apt("remove", "good");
      const ended = await root.apt("install", "good");
      assert.equal(ended.code, 0, ended.out);
      assert.match(ended.out, /1 package · 1 reproduced/);
      assert.equal((await root.apt("install", "bad")).code, 100);
    }
    const foreign = await machine.samebits("apt", "remove-hook", "--state", root.at("state"));
    assert.equal(foreign.code, 73, foreign.out);
    assert.match(foreign.out, /50samebits is not as samebits wrote it.*\[output\/exists\]/);
    await writeFile(hook, text);
  });

  test("without its node the hook goes by the mode, and says so", LIMIT, async () => {
    await node.close();
    const { root } = machine;
    await root.apt("remove", "good");
    await machine.hook("enforce");
    const ended = await root.apt("install", "good");
    assert.equal(ended.code, 100, ended.out);
    assert.match(ended.out, /no node runs here[^]*nobody could be asked/);
    await machine.hook("warn");
    const warned = await root.apt("install", "good");
    assert.equal(warned.code, 0, warned.out);
  });
});
