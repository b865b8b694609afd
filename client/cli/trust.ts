import type { Command } from "commander";
import {
  defineAdd,
  defineDelegate,
  defineExport,
  defineInit,
  defineRelease,
  defineRemove,
  defineRotate,
  defineShow,
  defineSign,
  defineUpdate,
} from "./trust/index.ts";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    `
A trust domain says who may state a policy, and how these people change; whoever pins its fingerprint gets policy, keys and addresses from it.

Examples:
  samebits trust add 3f0c9a5d7e… --from https://trust.example.org
  samebits trust update
  samebits trust init DIR --root-key alice.pub bob.pub carol.pub --root-threshold 2`,
  );
  defineAdd(command.command("add").description("Pin a domain by its fingerprint, and get what it says."));
  defineUpdate(command.command("update").description("Get what pinned domains say now."));
  defineShow(
    command
      .command("show")
      .description(
        "Say in words what a domain, or a document of one, holds: all pinned ones without an argument.",
      ),
  );
  defineRemove(command.command("remove").description("Pin a domain no more; what is kept of it goes too."));
  defineExport(
    command
      .command("export")
      .description("Write a domain to one file, or as static files for a web server or another owner."),
  );
  defineInit(command.command("init").description("For owners: begin a domain in a folder."));
  defineRelease(
    command
      .command("release")
      .description("For owners: make the next targets of the files in DIR/targets, to be signed."),
  );
  defineDelegate(
    command
      .command("delegate")
      .description("For owners: let somebody else speak for some packages, from the next targets on."),
  );
  defineRotate(
    command
      .command("rotate")
      .description("For owners: make the next root, with other keys, thresholds or a later end."),
  );
  defineSign(
    command
      .command("sign")
      .description("For owners: sign a document; once enough have, it is put into place."),
  );
}
