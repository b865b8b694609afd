/** How places are written: what the mesh's own reader takes is taken, what it refuses is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { multiaddr } from "@multiformats/multiaddr";
import { hostPortOf, isMultiaddr, isPeerId, mirrorUrl } from "../../protocol/index.ts";

const PEER = "12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf";

function takes(text: string): boolean {
  try {
    multiaddr(text);
    return true;
  } catch {
    return false;
  }
}

test("a multiaddr is what the mesh reads as one", () => {
  for (const [text, good] of [
    ["/ip4/127.0.0.1/tcp/7716", true],
    ["/ip4/0.0.0.0/tcp/7718/ws", true],
    ["/ip6/::/tcp/0", true],
    ["/ip6/2001:db8::1/udp/4001/quic-v1", true],
    ["/ip6/::ffff:192.0.2.1/tcp/1", true],
    ["/ip6zone/eth0/ip6/fe80::1/tcp/1", true],
    ["/dns4/example.org/tcp/443/tls/ws", true],
    ["/dns4/example.org/tcp/443/tls/sni/example.org/ws", true],
    ["/dnsaddr/mesh.example.org", true],
    [`/dnsaddr/mesh.example.org/p2p/${PEER}`, true],
    [`/ip4/192.0.2.1/tcp/7716/p2p/${PEER}/`, true],
    [`/ip4/192.0.2.1/tcp/7716/p2p/${PEER}/p2p-circuit`, true],
    ["/ip4/192.0.2.1/tcp/7716/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", true],
    ["/ip4/192.0.2.1/tcp/1/p2p/bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", true],
    ["foo", false],
    ["localhost:4001", false],
    ["/foo", false],
    ["/ip4", false],
    ["/ip4/300.0.0.1/tcp/1", false],
    ["/ip4/127.0.0.1/tcp", false],
    ["/ip4/127.0.0.1/tcp/70000", false],
    ["/ip4/127.0.0.1/tcp/x", false],
    ["/ip4/127.0.0.1/tcp/01", false],
    ["/ip4//tcp/1", false],
    ["/ip6/127.0.0.1/tcp/1", false],
    ["/ip4/127.0.0.1/tcp/1//ws", true],
    ["ip4/127.0.0.1/tcp/1", false],
  ] as const) {
    assert.equal(takes(text), good, `the mesh: ${text}`);
    assert.equal(isMultiaddr(text), good, text);
  }
  // These the mesh reads, and no call to them can succeed.
  for (const text of ["", "/", "/ip4/127.0.0.1/tcp/1/p2p/foo"]) assert.equal(isMultiaddr(text), false);
});

test("a peer's id, a host with its port, a mirror", () => {
  for (const [text, good] of [
    [PEER, true],
    ["QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", true],
    ["foo", false],
    ["1", false],
    [`${PEER.slice(0, -1)}0`, false],
  ] as const)
    assert.equal(isPeerId(text), good, text);
  assert.deepEqual(hostPortOf("127.0.0.1:7717"), { host: "127.0.0.1", port: 7717 });
  assert.deepEqual(hostPortOf("[::1]:0"), { host: "::1", port: 0 });
  for (const text of ["x", "7717", "127.0.0.1", "::1:7717", "a:65536", "a:b", "[x]:1", ""])
    assert.equal(hostPortOf(text), null, text);
  for (const text of ["https://example.org/feeds", "http://10.0.0.1", "file:feeds", "file:///srv/feeds"])
    assert.ok(mirrorUrl(text), text);
  for (const text of ["ftp://x", "/srv/feeds", "feeds", "example.org/feeds", ""])
    assert.equal(mirrorUrl(text), null, text);
});
