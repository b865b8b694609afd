/** The real pacman, guarded by the hook and by its XferCommand. */
import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { before, beforeEach, describe, test } from "node:test";
import { writersOf } from "../../client/install/index.ts";
import type { Node } from "../../node/index.ts";
import { sha256, utf8 } from "../../protocol/index.ts";
import { assertPrinted } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { agreed, NETWORK, POLICY, PROGRAM, startFor } from "./apt-machine.ts";
import { PacmanRoot, whyNoPacman } from "./pacman-root.ts";
import type { MadeForPacman } from "./pacman-root.ts";

const LIMIT = { timeout: 120_000 };
const TWO = ["core", "extra"] as const;

function whyNot(): string | false {
  const why = whyNoPacman();
  if (why !== false) return why;
  const writers = writersOf(PROGRAM);
  return writers === null ? false : `others than root can change the command: ${writers}`;
}

describe("pacman", { skip: whyNot() }, () => {
  let root: PacmanRoot;
  let data: string;
  let node: Node;
  let loose: MadeForPacman;

  before(async () => {
    root = await PacmanRoot.open(...TWO);
    data = await newFolder();
    await writeFile(root.at("policy.toml"), POLICY);
    const good = await root.make("core", "good", "1:1.0-1");
    const bad = await root.make("core", "bad", "2.0-1");
    await root.make("core", "young", "3.0-1");
    const twice = await root.make("core", "twice", "1.0-1");
    await root.make("extra", "twice", "1.1-1");
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => root.make("extra", `many${n}`, "1-1")),
    );
    loose = await root.make(null, "good", "1:0.9-1");
    await root.update();
    const others = { ...bad, sha256: sha256(utf8("other bits")) };
    node = await startFor({ data }, ...[good, others, twice, ...many].flatMap(agreed));
  });

  beforeEach(async () => {
    await root.configure();
    for (const name of ["good", "bad", "young", "twice"].filter((one) => root.has(one)))
      assert.equal((await root.pacman("-R", name)).code, 0);
    await root.run("sh", ["-c", `rm -f ${root.at("cache")}/*`]);
  });

  const places = (): readonly string[] => [
    "--policy",
    root.at("policy.toml"),
    "--state",
    root.at("state"),
    "--data",
    data,
    "--network",
    NETWORK,
    "--config",
    "/dev/null",
  ];
  const hook = async (mode: string): Promise<string> => {
    const words = [
      "pacman",
      "install-hook",
      "--mode",
      mode,
      "--program",
      PROGRAM,
      "--pacman-conf",
      root.conf,
    ];
    const ended = await root.run(PROGRAM, [...words, ...places()]);
    assert.equal(ended.code, 0, ended.out);
    return ended.out;
  };
  /** Tells `pre-install` what pacman would. */
  const told = (text: string, ...more: readonly string[]) => {
    const words = [
      "pacman",
      "pre-install",
      "--mode",
      "enforce",
      "--pacman-conf",
      root.conf,
      ...places(),
      ...more,
    ];
    const command = `printf '${text}' | "$0" "$@" 2> /dev/null`;
    return { words, ended: root.run("sh", ["-c", command, PROGRAM, ...words]) };
  };

  test("a hook is written, doctor looks at it, and it goes without a trace", LIMIT, async () => {
    const out = await hook("enforce");
    assert.match(out, /^ok +pacman +.*00-samebits\.hook: pacman asks .*, mode enforce$/m);
    assert.match(out, /XferCommand = .* pacman fetch .*--mode enforce.* -- %u %o$/m);
    const look = ["doctor", "--data", data, "--network", NETWORK, "--pacman-conf", root.conf];
    assert.match((await root.run(PROGRAM, look)).out, /^ok +pacman /m);
    chmodSync(root.at("policy.toml"), 0o666);
    assert.match(
      (await root.run(PROGRAM, look)).out,
      /^fail +pacman +.*policy.toml can be written by others/m,
    );
    chmodSync(root.at("policy.toml"), 0o644);
    const words = ["pacman", "remove-hook", "--json", "--quiet", "--state", root.at("state")];
    const removed = await root.run(PROGRAM, [...words, "--pacman-conf", root.conf]);
    assert.equal(removed.code, 0, removed.out);
    assertPrinted(words, { ...removed, err: "" });
    assert.deepEqual([await root.hooks(), existsSync(root.at("state"))], [[], false]);
    await writeFile(root.at("hooks/00-samebits.hook"), "[Trigger]\n");
    const foreign = await root.run(PROGRAM, [...words, "--pacman-conf", root.conf]);
    assert.equal(foreign.code, 73);
    await rm(root.at("hooks/00-samebits.hook"));
  });

  test("what is reproduced is installed, many at once too; what goes does not count", LIMIT, async () => {
    await hook("enforce");
    const ended = await root.pacman("-S", "good", ...Array.from({ length: 20 }, (_, n) => `many${n}`));
    assert.equal(ended.code, 0, ended.out);
    assert.match(ended.out, /^samebits: 21 packages · 21 reproduced$/m);
    assert.ok(root.has("good"));
    const gone = await root.pacman("-R", "good");
    assert.equal(gone.code, 0, gone.out);
    assert.doesNotMatch(gone.out, /samebits/);
  });

  test("what others got otherwise stops all, before anything is changed", LIMIT, async () => {
    await hook("enforce");
    const ended = await root.pacman("-S", "good", "bad");
    assert.equal(ended.code, 1, ended.out);
    assert.match(ended.out, /2 packages · 1 reproduced · 1 NOT THE SAME BITS\n {2}REFUSED +bad 2\.0-1 any/);
    assert.match(ended.out, /E: transaction refused before unpacking; nothing was changed/);
    assert.deepEqual([root.has("good"), root.has("bad")], [false, false]);
  });

  test("what nobody has rebuilt waits; root can let it by, and with warn it goes on", LIMIT, async () => {
    await hook("enforce");
    const ended = await root.pacman("-S", "young");
    assert.equal(ended.code, 1, ended.out);
    const [, way = ""] = /now: samebits (pacman allow young=3\.0-1) --reason/.exec(ended.out) ?? [];
    const state = ["--state", root.at("state")];
    const allowed = await root.run(PROGRAM, [...way.split(" "), "--reason", "for the demo", ...state]);
    assert.equal(allowed.code, 0, allowed.out);
    const by = await root.pacman("-S", "young");
    assert.equal(by.code, 0, by.out);
    assert.match(by.out, /LET BY AS AN EXCEPTION[^]*allowed {2}young=3\.0-1 until .*: for the demo/);
    assert.match(await readFile(root.at("state/log.jsonl"), "utf8"), /"event":"let-by","package":"young"/);
    await root.run(PROGRAM, [...way.split(" "), "--remove", ...state]);
    assert.equal((await root.pacman("-S", "young")).code, 1);
    await hook("warn");
    const warned = await root.pacman("-S", "young", "bad");
    assert.equal(warned.code, 0, warned.out);
    assert.match(
      warned.out,
      /WARNING +bad 2\.0-1 any[^]*warned +young[^]*the mode is warn: the transaction goes on/,
    );
  });

  test(
    "a file that pacman -U is given is judged, not the one of that name that a repository has",
    LIMIT,
    async () => {
      await hook("enforce");
      assert.equal((await root.pacman("-Sw", "good")).code, 0);
      const older = await root.pacman("-U", loose.path);
      assert.equal(older.code, 1, older.out);
      assert.match(older.out, /held +good 1:0\.9-1 any/);
      const byUrl = await root.pacman("-U", `file://${loose.path}`);
      assert.equal(byUrl.code, 1, byUrl.out);
      assert.match(byUrl.out, /held +good 1:0\.9-1 any/);
      const same = await root.pacman("-U", root.at("core/good-1:1.0-1-any.pkg.tar.gz"));
      assert.equal(same.code, 0, same.out);
    },
  );

  test(
    "of a package of two repositories the one that is installed is judged, and any that lies there",
    LIMIT,
    async () => {
      await hook("enforce");
      const first = await root.pacman("-S", "twice");
      assert.equal(first.code, 0, first.out);
      const second = await root.pacman("-S", "extra/twice");
      assert.equal(second.code, 1, second.out);
      assert.match(second.out, /held +twice 1\.1-1 any/);
    },
  );

  test("a damaged file, one that says it is another, and one that others can change", LIMIT, async () => {
    const [path, mine] = [
      root.at("cache/good-1:1.0-1-any.pkg.tar.gz"),
      root.at("core/good-1:1.0-1-any.pkg.tar.gz"),
    ];
    const octets = await readFile(mine);
    for (const [bytes, said] of [
      [octets.subarray(0, 100), /NOT WHAT IT SHOULD BE/],
      [await readFile(root.at("core/young-3.0-1-any.pkg.tar.gz")), /NOT WHAT IT SHOULD BE/],
      [new Uint8Array(0), /NOT WHAT IT SHOULD BE/],
    ] as const) {
      await writeFile(path, bytes);
      const { code, out } = await told("good\\n").ended;
      assert.equal(code, 3, out);
      assert.match(out, said);
    }
    await writeFile(path, octets);
    assert.equal((await told("good\\n").ended).code, 0);
    chmodSync(path, 0o666);
    const { words } = told("");
    const open = await root.run("sh", ["-c", `echo good | "$0" "$@"`, PROGRAM, ...words]);
    assert.equal(open.code, 3, open.out);
    assert.equal(/\[([a-z/-]+)\]$/m.exec(open.out)?.[1], "pacman/unsafe-file", open.out);
  });

  test(
    "with --json it prints a verdict for each package, and what becomes of the transaction",
    LIMIT,
    async () => {
      for (const name of ["good", "bad"]) await root.pacman("-Sw", name);
      const { words, ended } = told("good\\nbad\\n", "--json");
      const { code, out } = await ended;
      assert.equal(code, 1);
      assertPrinted(words, { code, out, err: "" });
      const last: unknown = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
      assert.deepEqual(last, {
        samebits: 1,
        event: "pacman",
        mode: "enforce",
        packages: 2,
        refused: 1,
        goes_on: false,
        allowed: [],
      });
    },
  );

  test(
    "XferCommand: databases pass, a package that is refused is withheld, with warn it is told of",
    LIMIT,
    async () => {
      const xfer = (mode: string): Promise<void> =>
        root.configure(`XferCommand = ${PROGRAM} pacman fetch --mode ${mode} ${places().join(" ")} -- %u %o`);
      await xfer("enforce");
      const updated = await root.pacman("-Syy");
      assert.equal(updated.code, 0, updated.out);
      const ended = await root.pacman("-S", "good", "bad");
      assert.equal(ended.code, 1, ended.out);
      assert.match(ended.out, /REFUSED +bad 2\.0-1 any[^]*E: withheld: .*[^]*failed to retrieve some files/);
      assert.deepEqual([root.has("bad"), root.has("good")], [false, false]);
      const kept = (await root.run("ls", [root.at("cache")])).out;
      assert.match(kept, /good/);
      assert.doesNotMatch(kept, /bad/);
      assert.equal((await root.pacman("-S", "good")).code, 0);
      const removed = await root.run(PROGRAM, ["pacman", "remove-hook", "--pacman-conf", root.conf]);
      assert.match(removed.out, /pacman\.conf still has XferCommand/);
      await xfer("warn");
      const warned = await root.pacman("-S", "bad");
      assert.equal(warned.code, 0, warned.out);
      assert.match(warned.out, /WARNING +bad/);
    },
  );

  test("without its node the hook goes by the mode, and says so", LIMIT, async () => {
    await node.close();
    await hook("enforce");
    const ended = await root.pacman("-S", "good");
    assert.equal(ended.code, 1, ended.out);
    assert.match(ended.out, /no node runs here[^]*nobody could be asked/);
    assert.equal(root.has("good"), false);
    await hook("warn");
    const warned = await root.pacman("-S", "good");
    assert.equal(warned.code, 0, warned.out);
  });
});
