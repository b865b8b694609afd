/** Archives as they should not be: ar and tar put together by hand. */

export interface TarMember {
  readonly name: string;
  readonly contents: Uint8Array;
  /** As ustar writes it; `0` is a file. */
  readonly type?: string;
  /** Where a link leads. */
  readonly link?: string;
  /** Magic and version, POSIX's where not said; and the prefix of the name. */
  readonly magic?: string;
  readonly prefix?: string;
  /** The twelve octets of the size, where they say something else. */
  readonly size?: Uint8Array;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** A tar archive (POSIX ustar). */
export function tar(...members: readonly TarMember[]): Uint8Array {
  const parts = members.flatMap((member) => [
    header(member),
    member.contents,
    new Uint8Array((512 - (member.contents.length % 512)) % 512),
  ]);
  return join(...parts, new Uint8Array(1_024));
}

function header(member: TarMember): Uint8Array {
  const { name, contents, type = "0", link = "", magic = "ustar\u{0}00", prefix = "", size } = member;
  const octets = new Uint8Array(512);
  const put = (words: string, offset: number): void => octets.set(text(words), offset);
  put(name, 0);
  put("0000644\0", 100);
  put(`${contents.length.toString(8).padStart(11, "0")}\0`, 124);
  if (size !== undefined) octets.set(size, 124);
  put("        ", 148);
  put(type, 156);
  put(link, 157);
  put(magic, 257);
  put(prefix, 345);
  const sum = octets.reduce((total, octet) => total + octet, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return octets;
}

/** An ar archive (deb(5)); `size` says another length than the member has. */
export function ar(
  ...members: readonly (readonly [name: string, contents: Uint8Array, size?: string])[]
): Uint8Array {
  const parts = members.flatMap(([name, contents, size = String(contents.length)]) => [
    text(`${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`),
    text(`${size.padEnd(10)}\`\n`),
    contents,
    new Uint8Array(contents.length % 2).fill(0x0a),
  ]);
  return join(text("!<arch>\n"), ...parts);
}

/** A .deb whose control.tar, packed as its name says, is this. */
export function deb(controlTar: Uint8Array, name = "control.tar"): Uint8Array {
  return ar(["debian-binary", text("2.0\n")], [name, controlTar], ["data.tar.xz", text("data")]);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
