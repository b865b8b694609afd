/** A shop with a node, whose program works off lists. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Node } from "../../../node/index.ts";
import { atEnd } from "../../at-end.ts";
import { LAUNCHER } from "../../built.ts";
import { startTestNode } from "../../node/test-node.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { Shop, until } from "./shop.ts";

export const API: { readonly listen: string; readonly public: boolean; readonly hosts: readonly string[] } = {
  listen: "127.0.0.1:0",
  public: false,
  hosts: [],
};

/** A shop with a node and a program that builds `NAME-VERSION.tar`; it fails for those in `broken`, and waits for `go-NAME` where `wait-NAME` is. */
export class Yard {
  readonly shop: Shop;
  node: Node;

  private constructor(shop: Shop, node: Node) {
    this.shop = shop;
    this.node = node;
  }

  static async open(...list: readonly string[]): Promise<Yard> {
    const shop = await Shop.open();
    await shop.program(
      "build",
      `cd ${shop.folder}`,
      'echo "$1" >> built',
      'if [ -e "wait-$1" ]; then echo $$ > "waits-$1"; while [ ! -e "go-$1" ]; do sleep 0.05; done; fi',
      'grep -qx "$1" broken && exit 3',
      'echo "$1 $2" > "$1-$2.tar"',
    );
    await writeFile(shop.at("broken"), "");
    await writeFile(shop.at("list"), list.join("\n"));
    return new Yard(shop, await startTestNode({ dataDir: shop.at("node"), api: API }));
  }

  argv(...options: readonly string[]): readonly string[] {
    const { shop, node } = this;
    return [
      "rebuild",
      "--key",
      shop.at("tu.key"),
      "--publish",
      "--loop",
      shop.at("list"),
      "--data",
      shop.at("node"),
      "--api",
      node.api ?? "",
      "--network",
      "test",
      "-o",
      shop.at("signed"),
      "--product",
      shop.at("{name}-{version}.tar"),
      ...options,
      "--",
      shop.at("build"),
      "{name}",
      "{version}",
      "{not-one}",
    ];
  }

  run(...options: readonly string[]): Promise<Ran> {
    return runCommand(this.argv(...options), this.shop.folder);
  }

  /** The same as a process of its own, once `NAME` is being built. */
  async begin(name: string, ...options: readonly string[]): Promise<ChildProcess> {
    await writeFile(this.shop.at(`wait-${name}`), "");
    const child = spawn(process.execPath, [LAUNCHER, ...this.argv(...options)], { stdio: "ignore" });
    atEnd(() => child.kill("SIGKILL"));
    await until(() => existsSync(this.shop.at(`waits-${name}`)));
    return child;
  }

  async go(name: string): Promise<void> {
    await writeFile(this.shop.at(`go-${name}`), "");
  }

  pid(name: string): number {
    return Number(readFileSync(this.shop.at(`waits-${name}`), "utf8"));
  }

  /** What was built since the last time. */
  get built(): readonly string[] {
    return readFileSync(this.shop.at("built"), "utf8").trimEnd().split("\n");
  }

  async published(): Promise<number> {
    return (await this.node.status()).own?.size ?? 0;
  }
}
