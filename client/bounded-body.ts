/** All that comes of a body, at most `maxBytes` octets; throws what `tooBig` gives where there are more. */
export async function boundedBody(
  parts: AsyncIterable<unknown>,
  maxBytes: number,
  tooBig: () => Error,
): Promise<Uint8Array> {
  const octets: Uint8Array[] = [];
  let total = 0;
  for await (const part of parts) {
    if (!(part instanceof Uint8Array)) continue;
    total += part.length;
    if (total > maxBytes) throw tooBig();
    octets.push(part);
  }
  return Uint8Array.from(Buffer.concat(octets));
}
