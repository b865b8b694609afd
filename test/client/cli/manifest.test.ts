/** `verify --manifest`: many files at once, counted; what can't be checked is never counted as reproduced. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseTarget } from "../../../protocol/index.ts";
import type { Target } from "../../../protocol/index.ts";
import { fails } from "./failing.ts";
import type { Ran } from "./run.ts";
import { runCommand } from "./run.ts";
import { envelopes, file, keyOf, member, OTHER, PURL, SAME, stage } from "./stage.ts";

const MEMBERS = [member(1), member(2), member(3)] as const;
const [one, two, three] = MEMBERS;
const target = (name: string): Target => parseTarget(PURL, name);
const hex = (text: string): string => createHash("sha256").update(text).digest("hex");
const row = (name: string, what = SAME): string => `${hex(what)}  ${name}\n`;

/** Three agree on `all`, two on `both`; on `split` one dissents; one has `once`; nobody `none`. */
const SAID = envelopes(
  ...MEMBERS.map((who) => keyOf(who).link(target("all"), SAME)),
  ...[one, two].map((who) => keyOf(who).link(target("both"), SAME)),
  ...[one, two].map((who) => keyOf(who).link(target("split"), SAME)),
  keyOf(three).link(target("split"), OTHER),
  keyOf(one).link(target("once"), SAME),
);

interface Bed {
  readonly run: (list: string, ...options: readonly string[]) => Promise<Ran>;
}

async function bed(rule: readonly string[] = [], more = ""): Promise<Bed> {
  const { folder } = await stage(MEMBERS, rule);
  const policy = join(folder, "policy.toml");
  if (more !== "") {
    const { readFile } = await import("node:fs/promises");
    await writeFile(policy, `${await readFile(policy, "utf8")}\n${more}`);
  }
  const bundle = await file("said.jsonl", SAID);
  return {
    run: async (list, ...options) => {
      const path = await file("SHA256SUMS", list);
      const common = ["--policy", policy, "--network", "test", "--offline", "--bundle", bundle];
      return runCommand(["verify", "--manifest", path, "--purl", PURL, ...common, ...options], folder);
    },
  };
}

const last = ({ objects }: Ran): Record<string, unknown> => objects.at(-1) ?? {};

test("verify --manifest: one verdict a line and the counts; the status is the worst", async () => {
  const { run } = await bed();
  const ran = await run(["all", "both", "split", "once", "none"].map((name) => row(name)).join(""), "--json");
  assert.equal(ran.code, 1, ran.err);
  assert.deepEqual(
    ran.objects.slice(0, -1).map((object) => object["verdict"]),
    ["reproduced", "reproduced", "contradicted", "pending", "pending"],
  );
  const { of, samebits, ...counts } = last(ran);
  assert.deepEqual([samebits, Array.isArray(of) && of.length], [1, 1]);
  assert.deepEqual(counts, {
    listed: 5,
    checked: 5,
    reproduced: 2,
    contradicted: 1,
    pending: 2,
    no_rule: 0,
    misfit: 0,
    refused: 3,
    independent: [4, 3, 1],
    unchecked: [],
    exit: 1,
  });
});

test("verify --manifest: 0 where all is reproduced, 2 where something is pending", async () => {
  const { run } = await bed();
  const good = await run(row("all") + row("both"), "--json");
  assert.deepEqual([good.code, last(good)["reproduced"]], [0, 2]);
  const waiting = await run(row("all") + row("once"), "--json");
  assert.deepEqual([waiting.code, last(waiting)["pending"]], [2, 1]);
});

test("verify --manifest: what can't be checked is named, is never reproduced, and follows the policy's default", async () => {
  const list = row("all") + row("x") + row("x", OTHER);
  const warn = await bed();
  const ran = await warn.run(list, "--json");
  assert.equal(ran.code, 3, ran.err);
  assert.deepEqual(
    ran.objects.filter((object) => "gap" in object).map(({ place, name, gap }) => [place, name, gap]),
    [
      ["line 2", "x", "several-digests"],
      ["line 3", "x", "several-digests"],
    ],
  );
  assert.deepEqual([last(ran)["listed"], last(ran)["checked"], last(ran)["reproduced"]], [3, 1, 1]);
  assert.equal((await warn.run(list, "--decide")).code, 0);
  const refuse = await bed([], '[default]\nmode = "refuse"');
  assert.equal((await refuse.run(list, "--decide")).code, 3);
});

test("verify --manifest: without a rule it is 3, and --decide is the decision", async () => {
  const { run } = await bed(['mode = "warn"']);
  const waiting = row("all") + row("once");
  assert.equal((await run(waiting)).code, 2);
  assert.equal((await run(waiting, "--decide")).code, 0);
});

test("verify --manifest: for people the counts, then only what needs a look", async () => {
  const { run } = await bed();
  const many = Array.from({ length: 25 }, (_, at) => row(`none-${at}`)).join("");
  const { out, code } = await run(
    row("all") + row("split") + row("once") + row("x") + row("x", OTHER) + many,
  );
  assert.equal(code, 1);
  const lines = out.split("\n");
  assert.equal(lines[0], "samebits: 28 files · 1 reproduced · 26 pending · 1 NOT THE SAME BITS");
  assert.equal(
    lines[1],
    "  the same bits by independent builders, at least 1: 3 (10 %) · 2: 2 (6 %) · 3: 1 (3 %)",
  );
  assert.equal(lines[2], "  not checked: 2 of 30 entries");
  assert.equal(lines[3], "    2  the list has several digests for one name: x, x");
  assert.match(lines[4] ?? "", /^ {2}REFUSED {2}split /);
  assert.match(
    out,
    /\n {2}held {5}25 with 0 of 2 needed: none-0, .* and 5 more \(--verbose or --json has all\)\n/,
  );
  assert.match(out, /\n {2}held {5}1 with 1 of 2 needed: once\n$/);
  assert.doesNotMatch(out, /same {5}all/);
  const all = await run(row("all") + row("once"), "--verbose");
  assert.match(all.out, /\n {2}same {5}all [^]*\n {2}held {5}once /);
});

test("verify --manifest: independent are operators, and none of whom one builder got another file", async () => {
  const [left, right, far] = [member(1, "uni"), member(2, "uni"), member(3)];
  const { folder } = await stage([left, right, far], [], 1);
  const said = await file(
    "said.jsonl",
    envelopes(
      ...[left, right, far].map((who) => keyOf(who).link(target("agreed"), SAME)),
      keyOf(left).link(target("torn"), SAME),
      keyOf(right).link(target("torn"), OTHER),
    ),
  );
  const list = await file("SHA256SUMS", row("agreed") + row("torn"));
  const common = ["--purl", PURL, "--policy", join(folder, "policy.toml"), "--network", "test", "--offline"];
  const argv = ["verify", "--manifest", list, "--bundle", said, "--json", ...common];
  assert.deepEqual(last(await runCommand(argv, folder))["independent"], [1, 1, 0]);
});

test("verify --manifest: several of them, and each file once", async () => {
  const { run } = await bed();
  const other = await file("other", row("all") + row("both"));
  const both = await run(row("all"), "--json", "--manifest", other);
  assert.deepEqual([both.code, last(both)["checked"]], [0, 2]);
});

test("verify --manifest: an empty part of the world: nobody to ask is 69, with the JSON", async () => {
  const { folder } = await stage(MEMBERS);
  const path = await file("SHA256SUMS", row("all"));
  const common = ["--policy", join(folder, "policy.toml"), "--network", "test", "--offline", "--json"];
  const ran = await runCommand(["verify", "--manifest", path, "--purl", PURL, ...common], folder);
  assert.deepEqual([ran.code, last(ran)["exit"], last(ran)["pending"]], [69, 69, 1]);
  assert.match(ran.err, /source\/none/);
});

test("verify --manifest: of a list of nothing it is said that nothing was checked", async () => {
  const { folder } = await stage(MEMBERS, []);
  const path = await file("sbom.json", '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}');
  const common = ["--policy", join(folder, "policy.toml"), "--network", "test", "--offline"];
  const { code, out, err } = await runCommand(["verify", "--manifest", path, ...common], folder);
  assert.deepEqual([code, out.split("\n")[0]], [0, "samebits: 0 files"]);
  assert.match(err, /sbom\.json lists nothing: nothing of it was checked/);
});

test("verify --manifest: what the user names wrong has its code", async () => {
  const { folder } = await stage(MEMBERS);
  const policy = ["--policy", join(folder, "policy.toml"), "--offline"];
  const list = await file("SHA256SUMS", row("all"));
  const bad = await file("SHA256SUMS", "nonsense\n");
  const lock = await file("package-lock.json", '{"lockfileVersion":3,"packages":{}}');
  const of = ["--purl", PURL, ...policy];
  await fails(64, "usage/bad-option", /needs --purl/, "verify", "--manifest", list, ...policy);
  await fails(64, "usage/bad-option", /--purl is for lists of sums/, "verify", "--manifest", lock, ...of);
  await fails(64, "usage/bad-option", /one of them/, "verify", list, "--manifest", list, ...of);
  await fails(
    64,
    "usage/bad-option",
    /one of them/,
    "verify",
    "--sha256",
    hex(SAME),
    "--manifest",
    list,
    ...of,
  );
  await fails(64, "usage/bad-option", /--npm-cache goes/, "verify", "--npm-cache", folder, list, ...of);
  await fails(64, "usage/bad-option", /--vsa/, "verify", "--manifest", list, "--vsa", "x", ...of);
  await fails(66, "input/missing", /no such file/, "verify", "--manifest", "/no/such", ...of);
  await fails(66, "input/bad-manifest", /line 1, "nonsense"/, "verify", "--manifest", bad, ...of);
  await fails(
    66,
    "input/missing",
    /npm config/,
    "verify",
    "--manifest",
    lock,
    "--npm-cache",
    folder,
    ...policy,
  );
});
