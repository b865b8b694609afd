const OK = 0;
const END = 1;
/** Words at a context's address: octets of each of its two buffers; of input and of output the address, what is done and what there is. */
const WORDS = 7;

/**
 * Unpacks xz (tukaani.org/xz/xz-file-format.txt) by the WebAssembly of xz-decompress, without the web streams that it is wrapped in:
 * loading and running those takes longer than unpacking. Throws for what is no xz, is changed, or ends too early.
 */
export async function* unpackXz(
  packed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { call, octets } = await unpacker();
  const context = call("create_context");
  // The memory moves when it grows, so nobody keeps these.
  const words = (): Uint32Array => new Uint32Array(octets(), context, WORDS);
  const [bufferBytes = 0, input = 0, , , output = 0] = words();
  try {
    for await (const chunk of withEnd(packed)) {
      let at = 0;
      do {
        const part = chunk.subarray(at, at + bufferBytes);
        new Uint8Array(octets()).set(part, input);
        call("supply_input", context, part.length);
        at += part.length;
        for (let more = true; more;) {
          const result = call("get_next_output", context);
          if (result !== OK && result !== END) throw new Error(`xz: error ${result}`);
          const [, , read = 0, supplied = 0, , written = 0] = words();
          words()[5] = 0;
          if (written > 0) yield new Uint8Array(octets()).slice(output, output + written);
          if (result === END) return;
          more = read < supplied || written === bufferBytes;
        }
      } while (at < chunk.length);
    }
  } finally {
    call("destroy_context", context);
  }
  throw new Error("xz: it ends too early");
}

/** What there is, and then nothing: by that the decoder knows that no other stream follows. */
async function* withEnd(
  packed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of packed) if (chunk.length > 0) yield chunk;
  yield new Uint8Array();
}

interface Unpacker {
  readonly call: (name: string, ...args: readonly number[]) => number;
  /** All of its memory, until the next call. */
  readonly octets: () => ArrayBuffer;
}

let started: Promise<Unpacker> | null = null;

function unpacker(): Promise<Unpacker> {
  started ??= start();
  return started;
}

/** By the names of its innards: its version is pinned, and the tests unpack by it. */
async function start(): Promise<Unpacker> {
  const { default: xz } = await import("xz-decompress");
  const make: unknown = Reflect.get(xz.XzReadableStream, "_getModuleInstance");
  if (typeof make !== "function") throw new Error("xz-decompress has changed");
  await Reflect.apply(make, xz.XzReadableStream, []);
  const exports = member(member(xz.XzReadableStream, "_moduleInstance"), "exports");
  const memory = member(exports, "memory");
  return {
    call: (name, ...args) => {
      const called: unknown = Reflect.get(exports, name);
      if (typeof called !== "function") throw new Error(`xz-decompress has no ${name}`);
      return Number(Reflect.apply(called, undefined, args));
    },
    octets: () => {
      const buffer = member(memory, "buffer");
      if (!(buffer instanceof ArrayBuffer)) throw new Error("xz-decompress has no memory");
      return buffer;
    },
  };
}

function member(of: object, name: string): object {
  const value: unknown = Reflect.get(of, name);
  if (typeof value !== "object" || value === null) throw new Error(`xz-decompress has no ${name}`);
  return value;
}
