import type { Command } from "commander";
import { addCommonOptions } from "./options.ts";
import { defineCommand, defineDebian } from "./rebuild/index.ts";

export function define(command: Command): void {
  // What stands behind the name of a subcommand is its own.
  command.enablePositionalOptions();
  addCommonOptions(command)
    .usage("[options] -- COMMAND...")
    .addHelpText(
      "after",
      `
Runs COMMAND, and signs what it gave together with what went in, or that it failed. With --loop, in arguments and options,
{purl} {name} {version} {arch} and (of deb, alpm, npm) {file} stand for the package; what is done is remembered and not built again,
what failed is tried again after a day, then two, four and so on.

Examples:
  samebits rebuild --key tu.key --purl pkg:generic/tool@1.0 --git v1.0 --product tool.tar.gz -- make dist
  samebits rebuild --key tu.key --material '*.dsc' '*.tar.*' --product '../*.deb' --timeout 2h --publish -- dpkg-buildpackage -us -uc -b
  samebits audit --suggest > list
  samebits rebuild --key tu.key --publish --loop list --product 'out/{file}' -- ./build-one {name} {version} {arch}`,
    );
  defineCommand(command);
  defineDebian(
    command.command("debian").description("Rebuild source packages of Debian, and compare with the archive."),
  );
}
