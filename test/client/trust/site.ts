/** A domain's folder as its owners, or liars, would serve it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { documentPath, filePath, sha256, utf8 } from "../../../protocol/index.ts";
import type { DocumentName, TargetFile } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { newFolder } from "../../node/folder.ts";

export class Site {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Site> {
    return new Site(await newFolder());
  }

  async put(name: DocumentName, bytes: Uint8Array): Promise<void> {
    await this.write(documentPath(name), bytes);
  }

  /** A file, and how targets list it. */
  async file(path: string, text: string): Promise<TargetFile> {
    const bytes = utf8(text);
    const hash = sha256(bytes);
    await this.write(filePath(hash), bytes);
    return { path, length: bytes.length, sha256: hash };
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }

  /** Serves the folder over HTTP; its address. */
  async serve(): Promise<string> {
    const server = createServer((request, response) => {
      readFile(join(this.folder, new URL(request.url ?? "/", "http://x").pathname)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    atEnd(() => {
      server.closeAllConnections();
      return new Promise<void>((done) => server.close(() => done()));
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
  }
}
