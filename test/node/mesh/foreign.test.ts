/** Places that others name: none opens a door into the network of this machine (RULES R27). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sortForeign } from "../../../node/index.ts";

const PEER = "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8";
const PUBLIC = [
  "/dnsaddr/mesh.example.org",
  `/dns4/mesh.example.org/tcp/7716/p2p/${PEER}`,
  "/ip4/8.8.8.8/tcp/1",
  "https://example.org/feeds",
  "http://8.8.8.8/feeds",
  "https://[2606:4700::1111]/feeds",
];
const LOOPBACK = [
  "/ip4/127.0.0.1/tcp/1",
  "/ip4/127.9.9.9/tcp/1",
  "/ip6/::ffff:127.0.0.1/tcp/1",
  "/dns4/localhost/tcp/1",
  "/dns/LocalHost/tcp/1",
  "/dns6/a.localhost/tcp/1",
  "http://127.0.0.1:7717/feeds",
  "http://0x7f.1/feeds",
  "http://2130706433/feeds",
  "http://localhost./feeds",
  "http://user:pw@127.0.0.1/feeds",
];
const LAN = [
  "/ip4/10.1.2.3/tcp/1",
  "/dns4/mesh.example.org/tcp/1/ip4/10.1.2.3/tcp/2",
  "http://10.1.2.3/feeds",
];
const OTHERS = [
  "/ip4/169.254.169.254/tcp/80",
  "/ip4/192.168.1.1/tcp/1",
  "/ip4/0.0.0.0/tcp/1",
  "/ip6/::1/tcp/1",
  "/ip6/fe80::1/tcp/1",
  "/ip6zone/eth0/ip6/fe80::1/tcp/1",
  "http://[::1]/feeds",
  "http://[fd00::1]/feeds",
  "http://169.254.169.254/latest",
];
const NOWHERE = ["/unix/run.sock", "/memory/1", "/ip4/1.2.3/tcp/1", "/tcp/1", "nothing", "http://"];
const all = [...PUBLIC, ...LOOPBACK, ...LAN, ...OTHERS, ...NOWHERE];

async function allowed(...named: string[]): Promise<readonly string[]> {
  const sorted = await sortForeign(all, named);
  assert.deepEqual(
    new Set([...sorted.allowed, ...sorted.refused]),
    new Set(all),
    "each is allowed or refused",
  );
  return sorted.allowed;
}

test("only public places, where the operator has named no private network", async () => {
  const named = ["mesh", "/srv/trust/example", "https://example.org/trust", "/ip4/0.0.0.0/tcp/7716", "none"];
  for (const some of [[], named]) assert.deepEqual(await allowed(...some), PUBLIC);
});

test("a private network that the operator named, to listen on, to begin from or to fetch from, is open: that one", async () => {
  for (const here of ["/ip4/127.0.0.1/tcp/0", "http://127.0.0.1:8000/trust/", "http://localhost/trust/"])
    assert.deepEqual(await allowed(here), [...PUBLIC, ...LOOPBACK], here);
  for (const here of ["/ip4/10.1.9.9/tcp/7716", "http://10.1.0.1/trust"])
    assert.deepEqual(await allowed(here), [...PUBLIC, ...LAN], here);
});
