/** The real apt: what would be refused is held back, and the rest of an upgrade goes on. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { sha256, utf8 } from "../../protocol/index.ts";
import { assertPrinted } from "../json-schemas.ts";
import { agreed, Machine, NETWORK, startFor, whyNot } from "./apt-machine.ts";

test(
  "of four upgrades two are held back: two are installed, and apt ends with 0",
  { skip: whyNot(), timeout: 120_000 },
  async () => {
    const machine = await Machine.open();
    const { root, data } = machine;
    for (const name of ["one", "two", "three", "four"]) await root.make(name, "1.0");
    await root.update();
    assert.equal((await root.apt("install", "one", "two", "three", "four")).code, 0);
    const [one, two, three] = [
      await root.make("one", "2.0"),
      await root.make("two", "1:2.0-1"),
      await root.make("three", "2.0"),
    ];
    await root.make("four", "2.0");
    const others = { ...three, sha256: sha256(utf8("other bits")) };
    const node = await startFor(machine, ...[one, two, others].flatMap(agreed));
    await machine.hook("enforce");

    const updated = await root.update();
    assert.match(updated, /4 versions that could be installed · 2 held back/);
    assert.match(updated, /REFUSED +three 2\.0 all[^]*held +four 2\.0 all/);
    const pins = root.at("etc/apt/preferences.d/samebits");
    assert.deepEqual(
      [...(await readFile(pins, "utf8")).matchAll(/^(?:Package|Pin|Pin-Priority): (.*)$/gm)].map(
        ([, said]) => said,
      ),
      ["three", "version 2.0", "-1", "four", "version 2.0", "-1"],
    );
    const upgraded = await root.apt("upgrade");
    assert.equal(upgraded.code, 0, upgraded.out);
    assert.match(upgraded.out, /2 packages · 2 reproduced/);
    assert.deepEqual((await root.versions()).toSorted(), ["four 1.0", "one 2.0", "three 1.0", "two 1:2.0-1"]);

    // Root lets one by, and at the next update it is not held any more.
    const state = ["--state", root.at("state")];
    await machine.samebits("apt", "allow", "four=2.0", "--reason", "r", ...state);
    await root.update();
    assert.equal((await root.apt("upgrade")).code, 0);
    assert.equal((await root.versions()).includes("four 2.0"), true);

    // Nobody to ask: what is pinned stays pinned.
    const words = [
      "apt",
      "hold",
      "--mode",
      "enforce",
      "--json",
      "--data",
      data,
      "--network",
      NETWORK,
      ...state,
    ];
    const told = await machine.samebits(
      ...words,
      "--config",
      "/dev/null",
      "--policy",
      root.at("policy.toml"),
    );
    assertPrinted(words, { ...told, err: "" });
    assert.deepEqual(JSON.parse(told.out), {
      samebits: 1,
      event: "hold",
      considered: 1,
      held: [{ name: "three", version: "2.0", arch: "all", verdict: "contradicted" }],
    });
    await node.close();
    assert.match(await root.update(), /nobody could be asked/);
    assert.match(await readFile(pins, "utf8"), /Package: three/);
    await machine.samebits("apt", "remove-hook", ...state);
    assert.equal(existsSync(pins), false);
  },
);
