/** xz-decompress without what only its streams need: client/artifact/xz.ts uses its WebAssembly alone. */

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
