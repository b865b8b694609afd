import assert from "node:assert/strict";
import { test } from "node:test";
import { quietLogger } from "../../../node/mesh/quiet.ts";

test("libp2p's logger: silent at every scope, and left to libp2p's own where DEBUG names something", () => {
  for (const debug of [undefined, ""]) {
    const log = quietLogger(debug)?.forComponent("libp2p:tcp");
    assert.ok(log !== undefined && !log.enabled && !log.newScope("inbound").enabled);
    log("a %s", "b");
    log.error(new Error("c"));
    log.newScope("inbound").trace("d");
  }
  assert.equal(quietLogger("libp2p:*"), null);
});
