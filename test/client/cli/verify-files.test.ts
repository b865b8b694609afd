/** What the user names: real packages, wrong names, missing files, bad options, bundles with faults. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";
import {
  digestOf,
  envelopes,
  feedBundle,
  file,
  FILE,
  keyOf,
  member,
  MemoryFeed,
  PURL,
  SAME,
  stage,
  TOOL,
} from "./stage.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");
const AS_SLICE = "librust-as-slice-dev_0.2.1-1+b2_amd64";
const [one, two] = [member(1), member(2)];

/** A policy that believes the two real rebuilders, one of them being enough. */
async function realPolicy(rule = ""): Promise<string> {
  const pem = (name: string): Promise<string> => readFile(join(VECTORS, "keys", name), "utf8");
  return file(
    "policy.toml",
    `version = 1
[builders.debian]
key = """${await pem("reproduce-debian-net-amd64.pub")}"""
[builders.arch]
key = """${await pem("reproducible-archlinux.pub")}"""
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 1, of = ["debian"] }
${rule}
[[rules]]
name = "arch"
match = "pkg:alpm/arch/*"
require = { k = 1, of = ["arch"] }
`,
  );
}

const offline = (policy: string): string[] => ["--offline", "--json", "--policy", policy];

test("verify: a real Debian package and the link of reproduce.debian.net", async () => {
  const args = [
    join(VECTORS, "rebuilderd", `${AS_SLICE}.deb`),
    "--bundle",
    join(VECTORS, "rebuilderd", `${AS_SLICE}.in-toto.link`),
  ];
  const { code, objects } = await runCommand(["verify", ...args, ...offline(await realPolicy())]);
  assert.equal(code, 0, JSON.stringify(objects));
  const target = objects[0]?.["target"] as Record<string, string>;
  assert.equal(target["purl"], "pkg:deb/debian/librust-as-slice-dev@0.2.1-1%2Bb2?arch=amd64");
  assert.equal(target["file"], `${AS_SLICE}.deb`);
});

test("verify: a real Arch package, and a link whose signatures were changed", async () => {
  const stem = "filesystem-2025.10.12-1-any";
  const path = join(VECTORS, "rebuilderd", `${stem}.pkg.tar.zst`);
  const with_ = (link: string): readonly string[] => [path, "--bundle", join(VECTORS, "rebuilderd", link)];
  const policy = offline(await realPolicy());
  assert.equal((await runCommand(["verify", ...with_(`${stem}.in-toto.link`), ...policy])).code, 0);
  const bad = await runCommand(["verify", ...with_(`${stem}.INVALID.in-toto.link`), ...policy]);
  assert.equal(bad.code, 4);
  assert.match(bad.err, /INVALID/);
});

test("verify: name, version and arch must be those inside: exit 3", async () => {
  const folder = await newFolder();
  const path = join(folder, "librust-as-slice-dev_0.2.2-1_amd64.deb");
  await cp(join(VECTORS, "rebuilderd", `${AS_SLICE}.deb`), path);
  const policy = offline(await realPolicy());
  const link = ["--bundle", join(VECTORS, "rebuilderd", `${AS_SLICE}.in-toto.link`)];
  const named = await runCommand(["verify", path, ...policy, ...link]);
  assert.deepEqual(
    [named.code, named.objects[0]?.["problem"], named.objects[0]?.["decision"]],
    [3, "misfit", "refuse"],
  );
  const good = join(VECTORS, "rebuilderd", `${AS_SLICE}.deb`);
  const purl = "pkg:deb/debian/librust-as-slice-dev@0.2.1-1%2Bb2?arch=arm64";
  const said = await runCommand(["verify", good, "--purl", purl, ...policy, ...link]);
  assert.deepEqual([said.code, said.objects[0]?.["problem"]], [3, "misfit"]);
});

test("verify: no rule, and a file that does not say what it is: exit 3, and the default decides", async () => {
  const path = await file("hello.txt", "hello");
  const policy = offline(await realPolicy());
  const unknown = await runCommand(["verify", path, ...policy]);
  assert.deepEqual([unknown.code, unknown.objects[0]?.["decision"]], [3, "warn"]);
  const none = await runCommand(["verify", path, "--purl", "pkg:generic/hello@1", ...policy, "--decide"]);
  assert.deepEqual([none.code, none.objects[0]?.["verdict"]], [0, "pending"]);
});

test("verify: several files: the worst of their codes, and one object a line", async () => {
  const deb = join(VECTORS, "rebuilderd", `${AS_SLICE}.deb`);
  const text = await file("hello.txt", "hello");
  const args = [deb, text, "--bundle", join(VECTORS, "rebuilderd", `${AS_SLICE}.in-toto.link`)];
  const policy = await realPolicy();
  const { code, objects } = await runCommand(["verify", ...args, ...offline(policy)]);
  assert.deepEqual([code, objects.map((object) => object["verdict"])], [3, ["reproduced", "pending"]]);
  const { out } = await runCommand(["verify", ...args, "--offline", "--policy", policy]);
  assert.match(out, /^samebits: 2 files · 1 reproduced · 1 no rule \(warned\)\n/);
});

test("verify: a digest in place of the file", async () => {
  const { folder } = await stage([one, two]);
  const bundle = await file("bundle", envelopes(keyOf(one).link(TOOL, SAME), keyOf(two).link(TOOL, SAME)));
  const hex = Buffer.from(digestOf(SAME)).toString("hex");
  const common = ["--offline", "--json", "--network", "test", "--policy", join(folder, "policy.toml")];
  const args = ["verify", "--sha256", hex, "--purl", PURL, "--name", FILE, "--bundle", bundle, ...common];
  const { code, objects } = await runCommand(args);
  assert.deepEqual([code, objects[0]?.["path"], objects[0]?.["sha256"]], [0, null, hex]);
});

test("verify: what the user names wrong has the status that the contract says", async () => {
  const policy = await realPolicy();
  const path = await file("hello.txt", "hello");
  const bad = await file("bad.toml", "version = 1\n[[rules]]\nname = 3\n");
  const cases: readonly (readonly [number, readonly string[]])[] = [
    [64, ["verify"]],
    [64, ["verify", "--no-such-option"]],
    [64, ["verify", path, "--mirror", "mirror.example.org", "--policy", policy]],
    [64, ["verify", path, path, "--purl", PURL, "--policy", policy]],
    [64, ["verify", path, "--sha256", "00", "--policy", policy]],
    [64, ["verify", "--sha256", "00", "--policy", policy]],
    [64, ["verify", "--sha256", "00", "--purl", PURL, "--name", FILE, "--policy", policy]],
    [64, ["verify", path, "--name", "x", "--policy", policy]],
    [64, ["verify", path, "--deadline", "0", "--policy", policy]],
    [64, ["verify", path, "--deadline", "soon", "--policy", policy]],
    [64, ["verify", path, "--network", "No Such", "--policy", policy]],
    [64, ["verify", path, "--api", "ftp://x", "--policy", policy]],
    [64, ["verify", path, "--purl", "tool@1.0", "--policy", policy]],
    [66, ["verify", "/no/such/file", "--offline", "--policy", policy]],
    [66, ["verify", path, "--offline", "--policy", "/no/such/policy"]],
    [66, ["verify", path, "--offline", "--policy", policy, "--bundle", "/no/such/bundle"]],
    [66, ["verify", "/", "--offline", "--policy", policy]],
    [3, ["verify", path, "--offline"]],
    [3, ["verify", path, "--offline", "--policy", bad]],
    [4, ["verify", path, "--offline", "--policy", policy, "--bundle", path]],
    [73, ["bundle", path, "--offline", "--policy", policy, "-o", "/no/such/folder/x"]],
  ];
  for (const [code, args] of cases) {
    const ran = await runCommand(args);
    assert.equal(ran.code, code, `${args.join(" ")}: ${ran.err}`);
    assert.equal(ran.out, "", args.join(" "));
    assert.notEqual(ran.err, "", args.join(" "));
  }
});

test("verify: nobody to ask is 69, and the JSON is printed all the same", async () => {
  const { verify } = await stage([one, two]);
  const { code, objects, err } = await verify([]);
  assert.equal(code, 69);
  assert.deepEqual(objects[0]?.["sources"], { local: 0, mirrors: 0, peers: 0, dht: 0 });
  assert.match(err, /nobody could be asked/);
  const elsewhere = await verify([], "--api", "/no/such/socket");
  assert.equal(elsewhere.code, 69);
});

test("bundle: what it holds gives the same verdict offline, elsewhere", async () => {
  const stages = [await stage([one, two]), await stage([one, two])] as const;
  const feeds = [1, 2].map((n) => ({
    feed: new MemoryFeed(n).append(keyOf(member(n)).link(TOOL, SAME)),
    time: Date.now(),
  }));
  const given = await file("given", feedBundle(feeds));
  const loose = await file("loose", envelopes(keyOf(one).link(TOOL, "others")));
  const out = join(await newFolder(), "out.bundle");
  const common = [
    "--network",
    "test",
    "--policy",
    join(stages[0].folder, "policy.toml"),
    "--offline",
    "--json",
  ];
  const args = [stages[0].path, "--purl", PURL, ...common, "--bundle", given, loose];
  const direct = await runCommand(["verify", ...args]);
  const made = await runCommand(["bundle", ...args, "-o", out]);
  assert.deepEqual([direct.code, made.code, made.objects[0]?.["bundle"]], [1, 1, out]);
  const { code, objects } = await stages[1].verify([await readFile(out)]);
  assert.equal(code, 1);
  const essence = (object: Record<string, unknown> | undefined): unknown => ({
    ...object,
    path: null,
    policy: null,
    sources: null,
    elapsed_ms: null,
  });
  assert.deepEqual(essence(objects[0]), essence(direct.objects[0]));
});

test("verify: a bundle with a changed octet is refused, or says the same", async () => {
  const { verify } = await stage([one, two]);
  const feeds = [1, 2].map((n) => ({
    feed: new MemoryFeed(n).append(keyOf(member(n)).link(TOOL, SAME)),
    time: Date.now(),
  }));
  const good = feedBundle(feeds);
  const essence = (object: Record<string, unknown> | undefined): unknown => ({ ...object, elapsed_ms: null });
  const before = await verify([good]);
  assert.equal(before.code, 0);
  let refused = 0;
  for (let at = 0; at < good.length; at += 37) {
    const changed = good.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    const ran = await verify([changed]);
    if (ran.code === 4) refused++;
    else
      assert.deepEqual([ran.code, essence(ran.objects[0])], [0, essence(before.objects[0])], `octet ${at}`);
  }
  assert.equal(refused > 50, true, `${refused} refused`);
});

test("verify: a bundle of another network is refused by name", async () => {
  const { path, folder } = await stage([one, two]);
  const bundle = await file("bundle", feedBundle([]));
  const args = [
    "verify",
    path,
    "--purl",
    PURL,
    "--offline",
    "--policy",
    join(folder, "policy.toml"),
    "--bundle",
    bundle,
  ];
  const { code, err } = await runCommand(args);
  assert.equal(code, 4);
  assert.match(err, /--network test/);
});

test("verify: the screen says in words what the file is; text that could move the cursor is refused", async () => {
  const { path, folder } = await stage([one, two]);
  const failed = keyOf(two).failed(TOOL, "no space");
  const agrees = keyOf(one).link(TOOL, SAME);
  const args = ["verify", path, "--purl", PURL, "--offline", "--network", "test"];
  const screen = async (...said: readonly Uint8Array[]): ReturnType<typeof runCommand> => {
    const bundle = await file("bundle", envelopes(...said));
    return runCommand([...args, "--policy", join(folder, "policy.toml"), "--bundle", bundle]);
  };
  const { code, out } = await screen(agrees, failed);
  assert.equal(code, 2);
  assert.match(out, /^samebits: 1 file · 1 pending\n {2}held {5}tool\.tar\.gz/);
  assert.match(out, /b2: it could not build it: "no space"/);
  const hostile = await screen(agrees, keyOf(two).seal(withEscape(failed)));
  assert.deepEqual([hostile.code, hostile.err.includes("\u001b")], [4, false]);
  await writeFile(path, "changed");
  const other = await screen(agrees, failed);
  assert.equal(other.code, 1);
  assert.match(other.out, /1 NOT THE SAME BITS/);
});

/** Our own emitter writes no control character, but a stranger's may. */
function withEscape(envelope: Uint8Array): Uint8Array {
  const { payload } = JSON.parse(new TextDecoder().decode(envelope)) as { payload: string };
  const text = Buffer.from(payload, "base64").toString().replace("no space", "no \\u001b[2Jspace");
  return new TextEncoder().encode(text);
}
