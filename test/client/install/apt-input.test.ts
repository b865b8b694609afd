import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { readAptInput } from "../../../client/install/index.ts";
import { MAX_APT_ACTIONS, utf8 } from "../../../protocol/index.ts";

function recorded(name: string): string {
  return readFileSync(new URL(`../../vectors/apt/${name}.txt`, import.meta.url), "utf8");
}

function refused(text: string | Uint8Array, code: string, words: RegExp): void {
  assert.throws(
    () => readAptInput(typeof text === "string" ? utf8(text) : text),
    (error) => error instanceof ClientError && error.code === code && words.test(error.message),
    JSON.stringify(text),
  );
}

const [AA, BB] = ["/srv/repo/./aa_1.0_all.deb", "/srv/repo/./bb_2.0-1_amd64.deb"];

test("what apt wrote is read, in all three versions", () => {
  assert.deepEqual(readAptInput(utf8(recorded("v1"))), {
    version: 1,
    actions: [AA, BB].map((path) => ({ kind: "unpack", path, as: null })),
  });
  for (const [version, archs] of [
    [2, [null, null]],
    [3, ["all", "amd64"]],
  ] as const) {
    assert.deepEqual(readAptInput(utf8(recorded(`v${version}`))), {
      version,
      actions: [
        { kind: "unpack", path: AA, as: { name: "aa", to: { version: "1.0", arch: archs[0] } } },
        { kind: "unpack", path: BB, as: { name: "bb", to: { version: "1:2.0-1", arch: archs[1] } } },
        { kind: "configure", name: "aa" },
        { kind: "configure", name: "bb" },
      ],
    });
  }
  const { actions } = readAptInput(utf8(recorded("v3-remove")));
  assert.deepEqual(actions, [
    { kind: "remove", name: "aa" },
    { kind: "remove", name: "bb" },
  ]);
  assert.deepEqual(readAptInput(utf8("")), { version: 1, actions: [] }, "version 1 where all is removed");
});

test("a path with a space is one path", () => {
  const text = "VERSION 2\n\nsl - < 5.02-1+b1 /srv/my packages/sl_5.02-1+b1_amd64.deb\n";
  const [action] = readAptInput(utf8(text)).actions;
  assert.deepEqual(action, {
    kind: "unpack",
    path: "/srv/my packages/sl_5.02-1+b1_amd64.deb",
    as: { name: "sl", to: { version: "5.02-1+b1", arch: null } },
  });
});

test("anything else lets nothing through", () => {
  const v3 = (...lines: readonly string[]): string => ["VERSION 3", "A=b", "", ...lines, ""].join("\n");
  const good = "sl - - none < 5.02-1 amd64 none /srv/sl.deb";
  assert.equal(readAptInput(utf8(v3(good))).actions.length, 1);
  refused("VERSION 4\n\n", "apt/unknown-version", /version 4 .* nothing is let through/);
  for (const [text, words] of [
    [v3(good).slice(0, -1), /no end/],
    ["VERSION 3\nA=b\n", /no empty line/],
    ["VERSION 3\nnonsense\n\n", /no line of configuration/],
    ["VERSION three\n\n", /neither a version nor a path/],
    [" VERSION 3\n\n", /neither a version nor a path/],
    ["sl.deb\n", /neither a version nor a path/],
    ["/srv/sl.deb\nsl.deb\n", /no path/],
    [v3("sl - - none < 5.02-1 amd64 none **ERROR**"), /no file for one/],
    [v3("sl - - none < 5.02-1 amd64 none **UNPACK**"), /no path/],
    [v3("sl - - none < 5.02-1 amd64 none srv/sl.deb"), /no path/],
    [v3("sl - - none < 5.02-1 amd64 none /srv/\u0007sl.deb"), /no path/],
    [v3("sl - - none < - - none /srv/sl.deb"), /unpacks no version/],
    [v3("sl - - none > - - none **REMOVE**"), /not there/],
    [v3("sl - - none ~ 5.02-1 amd64 none /srv/sl.deb"), /no action/],
    [v3("sl - - none < 5.02-1 amd64 none"), /no action/],
    [v3("sl  - none < 5.02-1 amd64 none /srv/sl.deb"), /no action/],
    [v3(good, "", good), /no action/],
    [Uint8Array.of(0x2f, 0xff, 0x0a), /not UTF-8/],
    ["/a\n".repeat(MAX_APT_ACTIONS + 1), /more than 150000 actions/],
  ] as const)
    refused(text, "apt/bad-input", words);
});
