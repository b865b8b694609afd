/**
 * From source to installation: two rebuilders really rebuild a package of Debian, one of them as another user, in another place and time zone; what they
 * signed reaches a third machine through the mesh, and the real apt there installs what it refused before.
 */
import assert from "node:assert/strict";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { defaultConfig, startNode } from "../../node/index.ts";
import { ed25519Key, parseAttestation, toHex, verifyWith } from "../../protocol/index.ts";
import type { Claim } from "../../protocol/index.ts";
import { atEnd } from "../at-end.ts";
import { newFolder } from "../node/folder.ts";
import { Machine, NETWORK, whyNot } from "./apt-machine.ts";
import { run } from "./apt-rig.ts";
import { until } from "./asking.ts";
import { builder } from "./claims.ts";
import { rebuilder, VECTORS, whyNoRebuild } from "./rebuilder.ts";

const DSC = join(VECTORS, "kernel-wedge_2.106~deb12u1.dsc");
const DEB = "kernel-wedge_2.106~deb12u1_all.deb";
const BUILDINFO = "kernel-wedge_2.106~deb12u1_amd64.buildinfo";
const LIMIT = { timeout: 300_000 };

const [alice, bob] = [builder("alice"), builder("bob")];

describe("rebuilding a package of Debian", { skip: whyNot() || whyNoRebuild() }, () => {
  let chroots: string;
  /** The first rebuild's own .buildinfo. */
  let record: string;
  before(async () => {
    chroots = await newFolder();
  });

  test("what two really rebuilt is installed, and before that it is not", LIMIT, async () => {
    const machine = await Machine.open();
    const { root } = machine;
    for (const name of ["debhelper", "make"]) await root.make(name, "13.11.4");
    await root.add(join(VECTORS, DEB));
    await root.update();
    assert.equal((await root.apt("install", "debhelper", "make")).code, 0);

    const first = await rebuilder(alice, chroots, []);
    const second = await rebuilder(bob, chroots, first.node.listen);
    const local = await startNode({
      ...defaultConfig(machine.data),
      network: NETWORK,
      listen: [],
      bootstrap: first.node.listen,
      follow: { all: true, origins: [], builders: [] },
      api: { listen: null, public: false, hosts: [] },
      log: "silent",
    });
    atEnd(() => local.close());
    await machine.hook("enforce");

    const same = await first.rebuild("--dsc", DSC, "--compare", join(VECTORS, DEB), "--publish");
    assert.equal(same.code, 0, same.out);
    await until("one result is here", async () => (await local.status()).claims === 1);
    const held = await root.apt("install", "kernel-wedge");
    assert.equal(held.code, 100, held.out);
    assert.match(held.out, /held +kernel-wedge 2\.106~deb12u1 all .*1 of 2 needed/);

    record = join(first.data, "out", BUILDINFO);
    const like = ["--compare", join(VECTORS, DEB), "--buildinfo", record];
    const varied = await second.rebuild("--dsc", DSC, ...like, "--vary", "--publish");
    assert.deepEqual([varied.code, varied.objects[0]?.["drift"]], [0, []], varied.out);
    const [one, two] = [same, varied].map(({ objects }) => outputsOf(objects[0]));
    assert.deepEqual(
      one?.map(({ sha256, same: is }) => [sha256, is]),
      two?.map(({ sha256, same: is }) => [sha256, is]),
    );
    await until("both results are here", async () => (await local.status()).claims === 2);
    const installed = await root.apt("install", "kernel-wedge");
    assert.equal(installed.code, 0, installed.out);
    assert.match(installed.out, /samebits: 1 package · 1 reproduced/);
    assert.ok((await root.installed()).includes("kernel-wedge"));
  });

  test("another file than the archive's is signed as what it is, with its cause", LIMIT, async () => {
    const one = await rebuilder(alice, chroots, []);
    const theirs = await redated(join(VECTORS, DEB));
    const older = (await readFile(record, "utf8")).replace(/ debhelper \(= .*\)/, " debhelper (= 0.1)");
    await writeFile(join(one.data, "older.buildinfo"), older);
    const like = ["--compare", theirs, "--buildinfo", join(one.data, "older.buildinfo")];
    const { code, out, objects } = await one.rebuild("--dsc", DSC, ...like, "--normal-form");
    assert.deepEqual([code, objects[0]?.["drift"]], [1, ["debhelper (= 0.1)"]], out);
    const [output] = outputsOf(objects[0]);
    const cause = { class: "embedded date", detail: "usr/share/doc/kernel-wedge/copyright" };
    assert.deepEqual([output?.same, output?.cause], [false, cause], out);
    const envelope = await readFile(String(objects[1]?.["envelope"]));
    const [said, unsigned] = await claimsIn(envelope);
    assert.deepEqual(
      [unsigned?.target?.purl, unsigned?.file, unsigned?.sha256],
      [said?.target?.purl, `${said?.file}.unsigned`, said?.sha256],
      "nobody signed it yet: it is its own normal form",
    );
    assert.deepEqual([said?.kind, toHex(said?.sha256 ?? new Uint8Array())], ["positive", output?.sha256]);
    assert.equal(said?.reason, `${cause.class}: ${cause.detail}`);
  });

  test("a build that fails is signed as a failure, and leaves nothing behind", LIMIT, async () => {
    const one = await rebuilder(alice, chroots, []);
    const { code, out, objects } = await one.rebuild("--dsc", DSC, "--timeout", "1s");
    assert.equal(code, 2, out);
    // On a busy machine unpacking the source takes that long already.
    assert.match(String(objects[0]?.["failure"]), /(?:the build|dpkg-source) took longer than 1 seconds/);
    assert.deepEqual(
      objects.slice(1).map(({ kind }) => kind),
      ["failed"],
    );
    assert.deepEqual(await readdir(join(chroots, "rooms")), []);
  });

  test("what can't be rebuilt is said, and nothing is signed", LIMIT, async () => {
    const one = await rebuilder(alice, chroots, []);
    const folder = await newFolder();
    const dsc = join(folder, "kernel-wedge_2.106~deb12u1.dsc");
    const text = await readFile(DSC, "utf8");
    const tar = "kernel-wedge_2.106~deb12u1.tar.xz";
    await writeFile(join(folder, tar), "something else");
    await writeFile(dsc, text);
    const changed = await one.rebuild("--dsc", dsc);
    assert.deepEqual([changed.code, changed.objects.map(({ code }) => code)], [69, ["rebuild/no-source"]]);
    await copyFile(join(VECTORS, tar), join(folder, tar));
    await writeFile(dsc, text.replace(/^Build-Depends: .*$/m, "Build-Depends: no-such-package"));
    const needy = await one.rebuild("--dsc", dsc);
    assert.deepEqual([needy.code, needy.objects.map(({ code }) => code)], [69, ["rebuild/no-dependencies"]]);
    const other = ["--buildinfo", join(VECTORS, "../usrmerge_37~deb12u1_all.buildinfo")];
    const mistaken = await one.rebuild("--dsc", DSC, ...other);
    assert.deepEqual([mistaken.code, mistaken.objects.map(({ code }) => code)], [3, ["artifact/mismatch"]]);
    await writeFile(join(folder, "base.tar"), "no archive");
    const baseless = await one.rebuild("--dsc", DSC, "--base", join(folder, "base.tar"));
    assert.deepEqual([baseless.code, baseless.objects.map(({ code }) => code)], [69, ["rebuild/no-chroot"]]);
  });
});

interface Listed {
  readonly sha256: string;
  readonly same: boolean | null;
  readonly cause: { readonly class: string; readonly detail: string } | null;
}

function outputsOf(object: Record<string, unknown> | undefined): readonly Listed[] {
  return (object?.["outputs"] ?? []) as readonly Listed[];
}

async function claimsIn(envelope: Uint8Array): Promise<readonly Claim[]> {
  const line = envelope.subarray(0, envelope.indexOf(10));
  const verified = await verifyWith(parseAttestation(line), ed25519Key(alice.raw));
  return verified?.claims ?? [];
}

/** The same package, in which a text has another year. */
async function redated(deb: string): Promise<string> {
  const folder = await newFolder();
  const tree = join(folder, "tree");
  await run("dpkg-deb", ["-R", deb, tree]);
  const text = join(tree, "usr/share/doc/kernel-wedge/copyright");
  const before = await readFile(text, "utf8");
  await writeFile(text, before.replace(/\b20[0-9]{2}\b/, "2031"));
  const path = join(folder, DEB);
  const packed = await run("dpkg-deb", ["--root-owner-group", "-b", tree, path]);
  assert.equal(packed.code, 0, packed.output);
  return path;
}
