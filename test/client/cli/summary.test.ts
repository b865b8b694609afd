/** `verify --vsa` writes verdicts as SLSA summaries, `show` explains them, and `verify --against` checks them again, offline. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAttestation, utf8, vsaOf } from "../../../protocol/index.ts";
import { runCommand } from "./run.ts";
import { envelopes, keyOf, member, OTHER, SAME, stage, TOOL } from "./stage.ts";

const [one, two] = [member(1), member(2)];
const AGREED = envelopes(keyOf(one).link(TOOL, SAME), keyOf(two).link(TOOL, SAME));

test("signed, shown, and checked again with the bundle", async () => {
  const { folder, path, verify } = await stage([one, two]);
  const at = (name: string): string => join(folder, name);
  assert.equal((await runCommand(["keygen", "ci", "--out", folder], folder)).code, 0);
  const ran = await verify([AGREED], "--vsa", at("vsa"), "--key", at("ci.key"));
  assert.equal(ran.code, 0, ran.err);
  assert.equal(ran.objects[0]?.["verdict"], "reproduced", "the verdict is printed all the same");
  const envelope = (await readFile(at("vsa"), "utf8")).trimEnd();
  assert.equal(vsaOf(parseAttestation(utf8(envelope)))?.passed, true);

  const shown = await runCommand(["show", at("vsa"), "--key", at("ci.pub")], folder);
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /PASSED \(SAMEBITS_REPRODUCED\) · pkg:generic\/tool@1.0/);
  assert.match(shown.out, /reproduced, allow: 2 of 2 needed by the rule "tools"/);
  assert.match(shown.out, /rests on 2 attestations/);
  assert.match(shown.out, /Proven: .*ci.pub signed exactly this/);
  assert.match(shown.out, /Not proven: that it follows from the attestations/);

  const again = await verify([AGREED], "--against", at("vsa"), "--key", at("ci.pub"));
  assert.equal(again.code, 0, again.err);
  assert.deepEqual(again.objects[0], {
    samebits: 1,
    summary: at("vsa"),
    path,
    sha256: again.objects[0]?.["sha256"],
    follows: true,
    signed: true,
    differences: [],
  });
  const policy = ["--policy", at("policy.toml"), "--network", "test", "--purl", "pkg:generic/tool@1.0"];
  await writeFile(at("bundle"), AGREED);
  const rest = ["--offline", "--bundle", at("bundle"), "--against", at("vsa")];
  const words = await runCommand(["verify", path, ...policy, ...rest], folder);
  assert.match(
    words.out,
    /: the summary follows: PASSED at .*, from 2 attestations\n {2}by whom it is signed/,
  );
});

test("what does not follow ends with 4, and says in what it differs", async () => {
  const { folder, path, verify } = await stage([one, two]);
  const at = (name: string): string => join(folder, name);
  await runCommand(["keygen", "ci", "--out", folder], folder);
  await runCommand(["keygen", "other", "--out", folder], folder);
  await verify([AGREED], "--vsa", at("vsa"), "--key", at("ci.key"));
  const half = await verify([envelopes(keyOf(one).link(TOOL, SAME))], "--against", at("vsa"));
  assert.equal(half.code, 4);
  assert.equal(half.objects[0]?.["follows"], false);
  assert.match(
    String(half.objects[0]?.["differences"]),
    /result: the summary says PASSED, here it is FAILED/,
  );
  const dissent = envelopes(keyOf(one).link(TOOL, OTHER));
  const hidden = await verify([AGREED, dissent], "--against", at("vsa"));
  assert.match(String(hidden.objects[0]?.["differences"]), /reproduced, here it is contradicted/);
  const signed = await verify([AGREED], "--against", at("vsa"), "--key", at("other.pub"));
  assert.deepEqual(
    [signed.code, signed.objects[0]?.["follows"], signed.objects[0]?.["signed"]],
    [4, true, false],
  );
  await writeFile(path, OTHER);
  const file = await verify([AGREED], "--against", at("vsa"));
  assert.deepEqual(file.objects[0]?.["differences"], ["the file has no summary here"]);
  assert.equal(file.code, 4);
});

test("what is checked again is judged as of then, and nothing of it is remembered", async () => {
  const { folder, verify } = await stage([one, two], ['max_attestation_age = "52w"']);
  const at = (name: string): string => join(folder, name);
  await verify([AGREED], "--vsa", at("vsa"));
  const statement = JSON.parse(await readFile(at("vsa"), "utf8")) as { predicate: { timeVerified: string } };
  const later = { ...statement, predicate: { ...statement.predicate, timeVerified: "2036-01-01T00:00:00Z" } };
  await writeFile(at("later"), JSON.stringify(later));
  const ran = await verify([AGREED], "--against", at("later"));
  assert.match(
    String(ran.objects[0]?.["differences"]),
    /PASSED, here it is FAILED/,
    "all claims are too old then",
  );
  const bare = await runCommand(["show", at("vsa")], folder);
  assert.match(bare.out, /SLSA Verification Summary, not signed/);
  assert.match(bare.out, /Not proven: who made it: nobody signed it/);
});

test("what can't be is refused", async () => {
  const { folder, verify } = await stage([one, two]);
  const at = (name: string): string => join(folder, name);
  await runCommand(["keygen", "ci", "--out", folder], folder);
  const code = async (...options: readonly string[]): Promise<string> => {
    const ran = await verify([AGREED], ...options);
    assert.notEqual(ran.code, 0);
    return /"code":"([^"]*)"/.exec(ran.err)?.[1] ?? ran.err;
  };
  assert.equal(await code("--vsa", at("vsa"), "--against", at("vsa")), "usage/bad-option");
  assert.equal(await code("--key", at("ci.key")), "usage/bad-option");
  assert.equal(await code("--verifier", "https://ci.example"), "usage/bad-option");
  assert.equal(await code("--vsa", at("vsa"), "--key", at("ci.pub")), "key/bad-file");
  assert.equal(await code("--against", at("nothing")), "input/missing");
  await writeFile(at("link"), envelopes(keyOf(one).link(TOOL, SAME)));
  assert.equal(await code("--against", at("link")), "bundle/bad-file");
  await writeFile(at("empty"), "\n");
  assert.equal(await code("--against", at("empty")), "bundle/bad-file");
  await writeFile(at("half"), '{"_type":"https://in-toto.io/Statement/v1"}\n');
  assert.equal(await code("--against", at("half")), "bundle/bad-file");
});
