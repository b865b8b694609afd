/** Debian's in-toto as the judge of layouts and links that samebits signs with GnuPG's keys. */
import assert from "node:assert/strict";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { lacks } from "../../programs.ts";
import { run, Yard } from "./yard.ts";

const skip = lacks("in-toto-verify", "gpg", "gpgconf");

describe("Debian's in-toto, samebits and GnuPG's keys", { skip }, () => {
  let yard: Yard;
  before(async () => {
    yard = await Yard.open();
    process.env["GNUPGHOME"] = yard.at("gnupg");
    await mkdir(yard.at("gnupg"), { mode: 0o700 });
    await yard.write("tool.tar", "a tool");
    await mkdir(yard.at("final"));
    await copyFile(yard.at("tool.tar"), yard.at("final/tool.tar"));
  });
  after(async () => {
    await run("gpgconf", ["--kill", "all"]);
    delete process.env["GNUPGHOME"];
    await yard.close();
  });

  const makeKey = async (user: string, algorithm: string): Promise<string> => {
    const how = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
    assert.equal(
      (await run("gpg", [...how, "--quick-generate-key", user, algorithm, "sign", "never"])).code,
      0,
    );
    const { said } = await run("gpg", ["--batch", "--with-colons", "--list-keys", user]);
    return /^fpr:+([0-9A-F]{40}):/m.exec(said)?.[1] ?? "";
  };

  for (const algorithm of ["ed25519", "rsa2048"]) {
    test(`layout and link signed with ${algorithm} pass`, async () => {
      const owner = await makeKey(`owner of ${algorithm}`, algorithm);
      const packer = await makeKey(`packer of ${algorithm}`, algorithm);
      const layout = `${algorithm}.layout`;
      const made = ["--step", "pack", "--key", `gpg:${packer}`, "--product", "*.tar"];
      await yard.done("layout", "new", ...made, "-o", layout);
      await yard.done("layout", "sign", layout, "--key", `gpg:${owner}`);
      await yard.done(
        "attest",
        "tool.tar",
        "--predicate",
        "step-link",
        "--step",
        "pack",
        "--key",
        `gpg:${packer}`,
        "-o",
        algorithm,
      );
      const argv = ["-l", yard.at(layout), "--gpg", owner.toLowerCase(), "--link-dir", yard.at(algorithm)];
      const passed = await run("in-toto-verify", argv, yard.at("final"));
      assert.equal(passed.code, 0, passed.said);
      await writeFile(yard.at("final/tool.tar"), "another");
      assert.equal((await run("in-toto-verify", argv, yard.at("final"))).code, 1);
      await copyFile(yard.at("tool.tar"), yard.at("final/tool.tar"));
    });
  }
});
