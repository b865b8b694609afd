/** Which addresses are nobody's on the public net, and those which an IPv4 address is part of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPrivateIp } from "../../node/ip.ts";

/** The first and the last address of each special network, and those beside it, which are not special. */
const NETWORKS: readonly (readonly [string, string, readonly string[]])[] = [
  ["0.0.0.0", "0.255.255.255", ["1.0.0.0"]],
  ["10.0.0.0", "10.255.255.255", ["9.255.255.255", "11.0.0.0"]],
  ["100.64.0.0", "100.127.255.255", ["100.63.255.255", "100.128.0.0"]],
  ["127.0.0.0", "127.255.255.255", ["126.255.255.255", "128.0.0.0"]],
  ["169.254.0.0", "169.254.255.255", ["169.253.255.255", "169.255.0.0"]],
  ["172.16.0.0", "172.31.255.255", ["172.15.255.255", "172.32.0.0"]],
  ["192.0.0.0", "192.0.0.255", ["191.255.255.255", "192.0.1.0"]],
  ["192.0.2.0", "192.0.2.255", ["192.0.1.255", "192.0.3.0"]],
  ["192.88.99.0", "192.88.99.255", ["192.88.98.255", "192.88.100.0"]],
  ["192.168.0.0", "192.168.255.255", ["192.167.255.255", "192.169.0.0"]],
  ["198.18.0.0", "198.19.255.255", ["198.17.255.255", "198.20.0.0"]],
  ["198.51.100.0", "198.51.100.255", ["198.51.99.255", "198.51.101.0"]],
  ["203.0.113.0", "203.0.113.255", ["203.0.112.255", "203.0.114.0"]],
  ["224.0.0.0", "239.255.255.255", ["223.255.255.255"]],
  ["240.0.0.0", "255.255.255.255", []],
  ["::", "::1", []],
  ["::2", "::fffe:ffff:ffff", []],
  ["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", []],
  ["100::", "100::ffff:ffff:ffff:ffff", []],
  ["100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", []],
  ["2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", ["2001:200::"]],
  ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", ["2001:db7:ffff::", "2001:db9::"]],
  ["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", ["3ffe:ffff::", "3fff:1000::"]],
  ["5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  ["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  ["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  ["fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  ["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  // Not given to anybody yet.
  ["4000::", "dfff::", ["2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]],
];

test("ip: special networks are private from their first address to their last, and what lies beside them is not", () => {
  for (const [first, last, beside] of NETWORKS) {
    for (const ip of [first, last]) assert.equal(isPrivateIp(ip), true, ip);
    for (const ip of beside) assert.equal(isPrivateIp(ip), false, ip);
  }
});

test("ip: an address with an IPv4 address in it is as private as that", () => {
  for (const [prefix, suffix] of [
    ["::ffff:", ""],
    ["64:ff9b::", ""],
    ["2002:", "::"],
    ["2002:", ":1:2:3:4:5"],
    // Teredo has the server's, and the client's upside down.
    ["2001:0:", ":0:0:f7f7:f7f7"],
  ] as const) {
    for (const [hex, isPrivate] of [
      ["0a00:0001", true],
      ["7f00:1", true],
      ["a9fe:a9fe", true],
      ["c0a8:101", true],
      ["6440:1", true],
      ["e000:1", true],
      ["ffff:ffff", true],
      ["808:808", false],
      ["102:304", false],
    ] as const) {
      const ip = `${prefix}${hex}${suffix}`;
      assert.equal(isPrivateIp(ip), isPrivate, ip);
    }
  }
  for (const [client, isPrivate] of [
    ["f5ff:fffe", true],
    ["3f57:fefe", true],
    ["80ff:fffe", true],
    ["f7f7:f7f7", false],
  ] as const)
    assert.equal(isPrivateIp(`2001:0:808:808::${client}`), isPrivate, client);
});

test("ip: however an address is written", () => {
  for (const ip of [
    "::ffff:10.0.0.1",
    "0:0:0:0:0:FFFF:10.0.0.1",
    "64:FF9B::10.0.0.1",
    "64:ff9b:0:0:0:0:10.0.0.1",
    "2002:A00:1::",
    "2002:0a00:0001:0:0:0:0:1",
    "::10.0.0.1",
    "0:0:0:0:0:0:0:1",
    "FE80::1",
    "fe80::1%eth0",
    "fe80:0:0:0:0:0:0:1%2",
    "FD00::1",
  ])
    assert.equal(isPrivateIp(ip), true, ip);
  for (const ip of [
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2606:4700::1111",
    "2606:4700:0:0:0:0:0:1111",
    "2A00:1450::8.8.8.8",
    "2a00:1450:1:2:3:4:5:6",
  ])
    assert.equal(isPrivateIp(ip), false, ip);
});
