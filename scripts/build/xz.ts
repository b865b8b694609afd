/** xz-decompress without what only its streams need: client/artifact/xz.ts uses its WebAssembly alone. */
import { brotliCompressSync } from "node:zlib";

const CHANGES: readonly (readonly [string, string])[] = [
  // to look at the name loads all of Node's web streams
  ["const ReadableStream = globalThis.ReadableStream", "const ReadableStream = class {}"],
  ["__webpack_require__(2).ReadableStream", "undefined"],
  ['factory(require("stream/web"))', "factory()"],
  ['define(["stream/web"], factory)', "define([], factory)"],
  // a call for each octet
  ["Uint8Array.from(atob(base64Wasm), c => c.charCodeAt(0)).buffer", 'Buffer.from(base64Wasm, "base64")'],
];

/** The text of its one file. Throws where that has changed. */
export function withoutStreams(text: string): string {
  let result = text;
  for (const [from, to] of CHANGES) {
    if (!result.includes(from)) throw new Error(`xz-decompress has changed: it has no ${from}`);
    result = result.replaceAll(from, to);
  }
  return result;
}

const OCTETS = /"data:application\/wasm;base64,([A-Za-z0-9+/=]+)"/;
const READ = 'Buffer.from(base64Wasm, "base64")';

/** The same with its WebAssembly packed, which makes its text half as long; unpacking takes a third of a millisecond. Throws where it has changed. */
export function withPackedCode(text: string): string {
  const plain = withoutStreams(text);
  const [literal, code] = OCTETS.exec(plain) ?? [];
  if (literal === undefined || code === undefined)
    throw new Error("xz-decompress has changed: it has no octets of WebAssembly");
  const packed = brotliCompressSync(Buffer.from(code, "base64")).toString("base64");
  return plain
    .replace(literal, JSON.stringify(literal.slice(1, literal.indexOf(",") + 1) + packed))
    .replace(READ, `globalThis.process.getBuiltinModule("node:zlib").brotliDecompressSync(${READ})`);
}
