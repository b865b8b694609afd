/** apt's JSON hooks, as apt 2.6.1 speaks. */
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { plannedBy } from "../../../client/install/index.ts";
import type { Planned } from "../../../client/install/index.ts";

const HELLO = {
  jsonrpc: "2.0",
  method: "org.debian.apt.hooks.hello",
  id: 0,
  params: { versions: ["0.1", "0.2"] },
};
const BYE = { jsonrpc: "2.0", method: "org.debian.apt.hooks.bye", params: {} };

function plan(method: string, ...packages: readonly object[]): object {
  const params = { command: "install", "search-terms": ["aa"], "unknown-packages": [], packages };
  return { jsonrpc: "2.0", method: `org.debian.apt.hooks.install.${method}`, params };
}

function planned(mode: string, version: string, origins: readonly object[] = [{ site: "" }]): object {
  const install = { id: 0, version, architecture: "all", pin: 500, origins };
  const versions = { candidate: install, ...(mode === "deinstall" ? { current: install } : { install }) };
  return { id: 0, name: "aa", architecture: "amd64", mode, automatic: false, versions };
}

/** What comes of these messages, and what was answered; in parts that do not care for messages. */
async function spoken(
  text: string,
): Promise<{ readonly plan: readonly Planned[] | null; readonly said: string }> {
  const [ours, theirs] = duplexPair();
  let said = "";
  theirs.setEncoding("utf8").on("data", (part: string) => (said += part));
  const ended = plannedBy(ours);
  for (let at = 0; at < text.length; at += 7) theirs.write(text.slice(at, at + 7));
  theirs.end();
  return { plan: await ended, said };
}

const written = (...messages: readonly object[]): string =>
  messages.map((each) => `${JSON.stringify(each)}\n\n`).join("");

test("hello is answered, and the plan is taken at the moment before the question", async () => {
  const origins = [{ archive: "stable", origin: "Debian", site: "deb.debian.org" }, { origin: "Other" }];
  const { plan: got, said } = await spoken(
    written(
      HELLO,
      plan(
        "statistics",
        planned("install", "1.0", origins),
        planned("deinstall", "0.9"),
        planned("upgrade", "1:2.0"),
      ),
      BYE,
    ),
  );
  assert.equal(said, '{"jsonrpc":"2.0","id":0,"result":{"version":"0.2"}}\n\n');
  assert.deepEqual(got, [
    { spec: "aa:amd64=1.0", name: "aa", version: "1.0" },
    { spec: "aa:amd64=1:2.0", name: "aa", version: "1:2.0" },
  ]);
});

test("at other moments there is nothing to be told", async () => {
  for (const method of ["pre-prompt", "package-list", "post", "fail"])
    assert.equal(
      (await spoken(written(HELLO, plan(method, planned("install", "1.0")), BYE))).plan,
      null,
      method,
    );
});

test("what is no message of apt's is told", async () => {
  for (const text of [
    "nonsense\n\n",
    written({ ...HELLO, params: { versions: ["0.3"] } }),
    written({ ...HELLO, params: { versions: "0.2" } }),
    written({ jsonrpc: "2.0" }),
    written(HELLO, plan("statistics", { name: "aa" })),
    written(HELLO, plan("statistics", { ...planned("install", "1.0"), name: 7 })),
  ])
    await assert.rejects(
      spoken(text),
      (error) => error instanceof ClientError && error.code === "apt/bad-input",
      text,
    );
});
