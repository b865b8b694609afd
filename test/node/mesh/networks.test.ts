import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { ipOf, Networks, neighbourhood } from "../../../node/mesh/networks.ts";
import { resolverFor } from "../../../node/mesh/resolver.ts";

const PUBLIC = ["/ip4/8.8.8.8/tcp/1", "/ip6/2606:4700::1111/tcp/1", "/ip4/172.32.0.1/tcp/1/ws"];
const PRIVATE = [
  "/ip4/127.0.0.1/tcp/1",
  "/ip4/10.1.2.3/tcp/1",
  "/ip4/100.64.0.1/tcp/1",
  "/ip4/169.254.169.254/tcp/80",
  "/ip4/172.16.0.1/tcp/1",
  "/ip4/192.168.1.1/tcp/1",
  "/ip4/0.0.0.0/tcp/1",
  "/ip4/224.0.0.1/tcp/1",
  "/ip6/::1/tcp/1",
  "/ip6/fe80::1/tcp/1",
  "/ip6/fd00::1/tcp/1",
  "/ip6/::ffff:127.0.0.1/tcp/1",
  "/dns4/localhost/tcp/1",
  "/dns4/printer.corp/tcp/1",
  "/dnsaddr/example.org",
];

const of = (...texts: string[]): Networks => new Networks(texts.map((text) => multiaddr(text)));
const allowed = (networks: Networks, texts: readonly string[]): string[] =>
  texts.filter((text) => networks.allows(multiaddr(text)));

test("networks: on the public net no private address and no learned name is dialled or announced", () => {
  for (const networks of [of(), of("/ip4/0.0.0.0/tcp/4001"), of("/ip4/1.1.1.1/tcp/4001")]) {
    assert.deepEqual(allowed(networks, PUBLIC), PUBLIC);
    assert.deepEqual(allowed(networks, PRIVATE), []);
    assert.equal(networks.private, false);
  }
});

test("networks: a private address that was named opens its own network, and no other", () => {
  assert.deepEqual(allowed(of("/ip4/127.0.0.1/tcp/4001"), PRIVATE), [
    "/ip4/127.0.0.1/tcp/1",
    "/ip6/::ffff:127.0.0.1/tcp/1",
  ]);
  assert.deepEqual(allowed(of("/ip4/127.0.0.1/tcp/4001"), ["/ip4/127.9.9.9/tcp/1"]), [
    "/ip4/127.9.9.9/tcp/1",
  ]);
  assert.deepEqual(allowed(of("/ip4/10.1.9.9/tcp/4001"), [...PRIVATE, "/ip4/10.2.2.3/tcp/1"]), [
    "/ip4/10.1.2.3/tcp/1",
  ]);
  assert.deepEqual(allowed(of("/ip6/::1/tcp/4001"), PRIVATE), ["/ip6/::1/tcp/1"]);
  assert.deepEqual(allowed(of("/ip6/fd00::9/tcp/4001"), PRIVATE), ["/ip6/fd00::1/tcp/1"]);
  assert.equal(of("/ip4/10.1.9.9/tcp/4001").private, true);
});

test("networks: names count only as they were written, with or without the peer id", () => {
  const id = "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8";
  const networks = of("/dns4/boot.example/tcp/4001", "/dnsaddr/example.org");
  assert.equal(networks.allows(multiaddr("/dns4/boot.example/tcp/4001")), true);
  assert.equal(networks.allows(multiaddr(`/dns4/boot.example/tcp/4001/p2p/${id}`)), true);
  assert.equal(networks.allows(multiaddr("/dns4/boot.example/tcp/22")), false);
  assert.equal(networks.allows(multiaddr("/dnsaddr/example.org")), true);
  assert.equal(networks.allows(multiaddr("/ip4/192.168.0.9/tcp/1")), false);
  networks.add(multiaddr("/dns4/resolved.example/tcp/1"));
  assert.equal(networks.allows(multiaddr("/dns4/resolved.example/tcp/1")), true);
});

test("networks: neighbourhoods are /24 and /48; loopback, private addresses and names have none", () => {
  const place = (text: string): string | null => {
    const ip = ipOf(multiaddr(text));
    return ip === null ? null : neighbourhood(ip);
  };
  assert.equal(place("/ip4/8.8.8.8/tcp/1"), place("/ip4/8.8.8.200/tcp/9"));
  assert.notEqual(place("/ip4/8.8.8.8/tcp/1"), place("/ip4/8.8.9.8/tcp/1"));
  assert.equal(place("/ip6/2606:4700:1:2::1/tcp/1"), place("/ip6/2606:4700:1:ffff::9/tcp/1"));
  assert.equal(place("/ip6/2606::1/tcp/1"), place("/ip6/2606:0:0:5::9/tcp/1"));
  assert.notEqual(place("/ip6/2606:4700:1::1/tcp/1"), place("/ip6/2606:4700:2::1/tcp/1"));
  for (const text of [
    "/ip4/127.0.0.1/tcp/1",
    "/ip4/10.0.0.1/tcp/1",
    "/ip6/fd00::1/tcp/1",
    "/dns4/x.example/tcp/1",
  ]) {
    assert.equal(place(text), null);
  }
});

const nothing = (): void => {};
const log: Logger = Object.assign(nothing, {
  error: nothing,
  trace: nothing,
  enabled: false,
  newScope: () => log,
});

test("resolver: only names that were written are asked for, and what they stand for may be called", async () => {
  const networks = of("/dnsaddr/mesh.example");
  const asked: string[] = [];
  const resolver = resolverFor(networks, {
    canResolve: (address) => address.toString().startsWith("/dnsaddr/"),
    async resolve(address) {
      asked.push(address.toString());
      return [multiaddr("/dns4/one.example/tcp/1"), multiaddr("/ip4/192.0.2.1/tcp/1")];
    },
  });
  assert.equal(resolver.canResolve(multiaddr("/dnsaddr/any.example")), true);
  assert.deepEqual(await resolver.resolve(multiaddr("/dnsaddr/other.example"), { log }), []);
  assert.deepEqual(asked, []);
  assert.equal((await resolver.resolve(multiaddr("/dnsaddr/mesh.example"), { log })).length, 2);
  assert.deepEqual(asked, ["/dnsaddr/mesh.example"]);
  assert.equal(networks.allows(multiaddr("/dns4/one.example/tcp/1")), true);
  assert.equal(networks.allows(multiaddr("/dns4/two.example/tcp/1")), false);
});
