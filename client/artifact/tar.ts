import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A member of a tar archive. */
export interface TarMember {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
}

/** What is done with a member's octets once they are all there; null = they are passed over. What it throws ends the reading. */
export type Visit = (member: TarMember) => ((bytes: Uint8Array) => void) | null;

/** A header that says no size. */
export class BrokenTar extends Error {}

/** Reads an archive to its end, member by member; only what `visit` asks for is held. Rejects with what it throws, and with BrokenTar. */
export async function readTar(octets: AsyncIterable<Uint8Array>, visit: Visit): Promise<void> {
  const { extract } = await import("tar-stream");
  const tar = extract();
  const orEnd = (what: () => void): void => {
    try {
      what();
    } catch (error) {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  tar.on("entry", ({ name, size, type }, stream, next) => {
    stream.on("error", ignore);
    orEnd(() => {
      // tar-stream waits for ever for the end of a member whose size is no number.
      if (size === undefined || !Number.isSafeInteger(size)) throw new BrokenTar();
      const use = visit({ name, size, isFile: type === "file" });
      if (use === null) {
        stream.on("end", next);
        stream.resume();
        return;
      }
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk) => {
        if (chunk instanceof Uint8Array) chunks.push(chunk);
      });
      stream.on("end", () =>
        orEnd(() => {
          use(Uint8Array.from(Buffer.concat(chunks)));
          next();
        }),
      );
    });
  });
  tar.on("error", ignore);
  await pipeline(Readable.from(octets), tar);
}

/** The pipeline has told of the first error; what else a stream says that was stopped half-way would end the process. */
function ignore(): void {}
