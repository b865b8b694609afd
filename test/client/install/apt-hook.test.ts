import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { hookText, methodScripts, readHook } from "../../../client/install/index.ts";
import type { HookSettings } from "../../../client/install/index.ts";

const PROGRAM = "/usr/lib/samebits/samebits.sh";
const FULL: HookSettings = {
  program: PROGRAM,
  words: [
    "apt",
    "pre-install",
    "--mode",
    "enforce",
    "--policy",
    "domain:3f0c9a5d",
    "--mirror",
    "file:/srv/feeds",
  ],
  covers: ["apt", "coverage"],
  holds: ["apt", "hold", "--data", "/var/lib/samebits"],
  methods: "/var/lib/samebits-apt",
};

test("the file says all that the hook goes by, and is read again as it was written", () => {
  assert.equal(
    hookText(FULL),
    `// Written by \`samebits apt install-hook\`; \`samebits apt remove-hook\` takes it away.
DPkg::Pre-Install-Pkgs { "${PROGRAM} apt pre-install --mode enforce --policy domain:3f0c9a5d --mirror file:/srv/feeds"; };
DPkg::Tools::Options::${PROGRAM} { Version "3"; };
AptCli::Hooks::Install { "${PROGRAM} apt coverage || true"; };
APT::Update::Post-Invoke-Success { "${PROGRAM} apt hold --data /var/lib/samebits || true"; };
Dir::Bin::Methods::samebits+http "/var/lib/samebits-apt/samebits+http";
Dir::Bin::Methods::samebits+https "/var/lib/samebits-apt/samebits+https";
`,
  );
  for (const hook of [
    FULL,
    { ...FULL, covers: null },
    { ...FULL, holds: null },
    { ...FULL, methods: null },
    { ...FULL, covers: null, holds: null, methods: null },
  ])
    assert.deepEqual(readHook(hookText(hook)), hook);
});

test("a file that somebody changed is not taken for ours", () => {
  const text = hookText(FULL);
  for (const other of [
    "",
    "APT::Get::Show true;\n",
    `${text}\n`,
    text.replace('Version "3"', 'Version "2"'),
    text.replace("enforce", "warn "),
    text.replace("-apt/samebits+https", "/samebits+https"),
    text.replace(/^Dir.*\+https .*\n/m, ""),
    `x${text}`,
  ])
    assert.equal(readHook(other), null, other);
});

test("what apt's configuration or a shell would take for something else is refused", () => {
  for (const word of [
    'a"b',
    "a b",
    "a;b",
    "$HOME",
    "`id`",
    "a'b",
    "a\\b",
    "a#b",
    "(a)",
    "a&b",
    "a|b",
    "",
    "~/x",
    "a\nb",
    "*",
  ])
    assert.throws(
      () => hookText({ ...FULL, words: [...FULL.words, word] }),
      (error) => error instanceof ClientError && error.code === "usage/bad-option",
      word,
    );
});

test("the scripts of the methods have the words of the hook's command", () => {
  const said = "--mode enforce --policy domain:3f0c9a5d --mirror file:/srv/feeds";
  assert.deepEqual(
    methodScripts(FULL, "/usr/lib/apt/methods").map(({ path, stock, text }) => [
      path,
      stock,
      text.split("\n").slice(2),
    ]),
    ["http", "https"].map((scheme) => [
      `/var/lib/samebits-apt/samebits+${scheme}`,
      `/usr/lib/apt/methods/${scheme}`,
      [`exec ${PROGRAM} apt method ${scheme} --stock /usr/lib/apt/methods/${scheme} ${said}`, ""],
    ]),
  );
  assert.deepEqual(methodScripts({ ...FULL, methods: null }, "/usr/lib/apt/methods"), []);
});
