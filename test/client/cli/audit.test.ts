/** `samebits audit`: what dpkg has installed, by the digests of apt's lists, against what builders say. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { debTarget } from "../../../protocol/index.ts";
import type { Target } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { fails } from "./failing.ts";
import { Machine, noMachine } from "./machine.ts";
import { runCommand, setVariable } from "./run.ts";
import type { Ran } from "./run.ts";
import { envelopes, keyOf, member, policyText } from "./stage.ts";

const MEMBERS = [member(1), member(2), member(3)] as const;
const [one, two, three] = MEMBERS;
const target = (name: string, version = "1.0-1", arch = "amd64"): Target =>
  debTarget({ namespace: "debian", name, version, arch });

const listed = (name: string, version = "1.0-1", arch = "amd64") => ({ name, version, arch, content: name });

const INSTALLED = [
  { name: "all", version: "1.0-1" },
  { name: "both", version: "1:2.0-1", arch: "all" },
  { name: "split", version: "1.0-1" },
  { name: "once", version: "1.0-1", essential: true },
  { name: "none-a", version: "1.0-1" },
  { name: "none-b", version: "1.0-1", priority: "required" },
  { name: "held", version: "1.0-1", status: "hold ok installed" },
  { name: "old", version: "0.9-1" },
  { name: "local", version: "1.0-1" },
  { name: "two-files", version: "1.0-1" },
  { name: "bare", version: "1.0-1" },
  { name: "gone", version: "1.0-1", status: "deinstall ok config-files" },
];
const LISTS = [
  [
    ...["all", "split", "once", "none-a", "none-b", "held", "old", "gone", "not-installed"].map((name) =>
      listed(name),
    ),
    listed("both", "1:2.0-1", "all"),
    listed("two-files"),
    { name: "bare", version: "1.0-1", content: null },
  ],
  [{ name: "two-files", version: "1.0-1", content: "another" }, listed("all")],
];

const SAID = envelopes(
  ...MEMBERS.map((who) => keyOf(who).link(target("all"), "all")),
  ...[one, two].map((who) => keyOf(who).link(target("both", "1:2.0-1", "all"), "both")),
  ...[one, two].map((who) => keyOf(who).link(target("split"), "split")),
  keyOf(three).link(target("split"), "else"),
  keyOf(one).link(target("once"), "once"),
  ...[one, two].map((who) => keyOf(who).link(target("held"), "held")),
);

async function options(more = ""): Promise<readonly string[]> {
  const folder = await newFolder();
  const policy = policyText(MEMBERS, [], 2).replace("pkg:generic/*", "pkg:deb/debian/*");
  await writeFile(join(folder, "policy.toml"), policy + more);
  await writeFile(join(folder, "said.jsonl"), SAID);
  const bundle = ["--offline", "--bundle", join(folder, "said.jsonl")];
  return ["--installed", "dpkg", "--policy", join(folder, "policy.toml"), "--network", "test", ...bundle];
}

/** On a machine of this test's own. */
async function audit(...argv: readonly string[]): Promise<Ran> {
  const machine = await Machine.make(INSTALLED, LISTS);
  try {
    return await runCommand(["audit", ...(await options()), ...argv]);
  } finally {
    machine.close();
  }
}

test(
  "audit: coverage by one, two, three builders, and what can't be checked",
  { skip: noMachine },
  async () => {
    const { code, objects, err } = await audit("--json");
    assert.equal(code, 1, err);
    const { of, unchecked, ...counts } = objects.at(-1) ?? {};
    assert.deepEqual(of, ["dpkg"]);
    assert.deepEqual(counts, {
      samebits: 1,
      listed: 11,
      checked: 7,
      reproduced: 3,
      contradicted: 1,
      pending: 3,
      no_rule: 0,
      misfit: 0,
      refused: 4,
      independent: [5, 4, 1],
      exit: 1,
    });
    assert.deepEqual(
      (unchecked as { gap: string; count: number }[]).map(({ gap, count }) => [gap, count]),
      [
        ["not-listed", 2],
        ["several-digests", 1],
        ["no-sha256", 1],
      ],
    );
    const gaps = objects.filter((object) => "gap" in object);
    assert.deepEqual(
      gaps.map(({ list, name, gap }) => [list, name, gap]),
      [
        ["dpkg", "bare 1.0-1 amd64", "no-sha256"],
        ["dpkg", "local 1.0-1 amd64", "not-listed"],
        ["dpkg", "old 0.9-1 amd64", "not-listed"],
        ["dpkg", "two-files 1.0-1 amd64", "several-digests"],
      ],
    );
    const verdicts = objects.filter((object) => "verdict" in object) as {
      verdict: string;
      target: { purl: string };
    }[];
    const contradicted = verdicts.filter(({ verdict }) => verdict === "contradicted");
    assert.deepEqual(
      contradicted.map(({ target: { purl } }) => purl),
      ["pkg:deb/debian/split@1.0-1?arch=amd64"],
    );
  },
);

test("audit: a rule may ask where the lists have it from", { skip: noMachine }, async () => {
  const counts = async (more: string): Promise<unknown> => {
    const machine = await Machine.make(INSTALLED, LISTS);
    try {
      const { objects, err } = await runCommand(["audit", ...(await options(more)), "--json"]);
      const { reproduced, pending, no_rule: none } = objects.at(-1) ?? {};
      return err === "" ? [reproduced, pending, none] : err;
    } finally {
      machine.close();
    }
  };
  assert.deepEqual(await counts('apt_origin = "Debian"\n'), [3, 3, 0]);
  assert.deepEqual(await counts('apt_origin = "Others"\n'), [0, 0, 7]);
});

test(
  "audit: for people the counts, what is contradicted with its builders, and names",
  { skip: noMachine },
  async () => {
    const { out, code } = await audit();
    assert.equal(code, 1);
    const lines = out.split("\n");
    assert.equal(lines[0], "samebits: 7 packages · 3 reproduced · 3 pending · 1 NOT THE SAME BITS");
    assert.equal(
      lines[1],
      "  the same bits by independent builders, at least 1: 5 (45 %) · 2: 4 (36 %) · 3: 1 (9 %)",
    );
    assert.equal(lines[2], "  not checked: 4 of 11 entries");
    assert.equal(lines[3], "    2  no list has it in this version: local 1.0-1 amd64, old 0.9-1 amd64");
    assert.match(out, /\n {2}REFUSED {2}split 1\.0-1 amd64 [^]*\n {11}b3: it got [0-9a-f]{8}…\n/);
    assert.match(out, /\n {2}held {5}2 with 0 of 2 needed: none-a 1\.0-1 amd64, none-b 1\.0-1 amd64\n/);
  },
);

test(
  "audit --suggest: a work list, what nobody has first, and of that what a system needs most",
  { skip: noMachine },
  async () => {
    const wanted = ["none-b", "none-a", "once"].map((name) => target(name).purl);
    const plain = await audit("--suggest");
    assert.deepEqual([plain.code, plain.out], [1, wanted.map((purl) => `${purl}\n`).join("")]);
    assert.match(plain.err, /^samebits: 7 packages · 3 reproduced/);
    const json = await audit("--suggest", "--json");
    assert.deepEqual(json.objects.at(-1)?.["suggest"], wanted);
  },
);

test(
  "audit: whose packages they are says the list's origin, or the configuration",
  { skip: noMachine },
  async () => {
    const purls = async (origin: string, config = ""): Promise<unknown> => {
      const machine = await Machine.make([{ name: "all", version: "1.0-1" }], [[listed("all")]], origin);
      try {
        const file = join(machine.folder, "config.toml");
        await writeFile(file, config);
        const argv = [
          "audit",
          ...(await options('[default]\nmode = "ignore"\n')),
          "--json",
          "--config",
          file,
        ];
        const { objects } = await runCommand(argv);
        const [verdict = {}] = objects;
        return (verdict["target"] as { purl: string }).purl;
      } finally {
        machine.close();
      }
    };
    assert.equal(await purls("Debian Backports"), "pkg:deb/debian/all@1.0-1?arch=amd64");
    assert.equal(await purls("Ubuntu"), "pkg:deb/ubuntu/all@1.0-1?arch=amd64");
    assert.equal(await purls("Ubuntu", 'deb_namespace = "debian"'), "pkg:deb/debian/all@1.0-1?arch=amd64");
  },
);

test(
  "audit: without lists, without apt, with bad lists: what is wrong and what to do",
  { skip: noMachine },
  async () => {
    const asked = ["audit", ...(await options())];
    const bare = await Machine.make(INSTALLED, []);
    try {
      await fails(66, "input/bad-list", /run apt-get update/, ...asked);
    } finally {
      bare.close();
    }
    const machine = await Machine.make(INSTALLED, LISTS);
    const path = setVariable("PATH", machine.folder);
    try {
      await fails(64, "usage/bad-option", /dpkg-query does not run here/, ...asked);
    } finally {
      path();
      machine.close();
    }
    await fails(64, "usage/bad-option", /dpkg or pacman/, "audit", "--installed", "rpm");
  },
);
