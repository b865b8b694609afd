/** in-toto, its cast and a folder, for the tests that need them. */
import { newFolder } from "../node/folder.ts";
import { castOf } from "./cast.ts";
import { InToto } from "./in-toto.ts";
import type { Cast } from "./write.ts";

export interface World {
  readonly inToto: InToto;
  readonly cast: Cast;
  readonly folder: string;
}

export async function openWorld(): Promise<World> {
  const inToto = new InToto();
  const actors = castOf();
  const secrets = Object.fromEntries([...actors].map(([name, { secret }]) => [name, secret]));
  const keys = await inToto.ask<Cast["keys"]>({ do: "keys", keys: secrets });
  return { inToto, cast: { actors, keys }, folder: await newFolder() };
}
