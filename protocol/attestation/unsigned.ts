/** `FILE.unsigned`: the normal form of FILE, what it is without its signatures, as a file of its own (`protocol/spec/attestation.md`). */
const ENDING = ".unsigned";

/** The name of a file's normal form. */
export function unsignedName(file: string): string {
  return `${file}${ENDING}`;
}

/** The name of the file whose normal form this is; null where the name is none of a normal form. */
export function signedName(file: string): string | null {
  return file.endsWith(ENDING) && file.length > ENDING.length ? file.slice(0, -ENDING.length) : null;
}

/** File names with these endings, and those of their normal forms. */
export function withUnsigned(endings: readonly string[]): readonly string[] {
  return [...endings, ...endings.map(unsignedName)];
}

/**
 * What a step made, without the normal forms of files that stand beside these: whoever signs a file did not make that. `nameOf` tells
 * files apart, and ends with the file's name.
 */
export function withoutNormalForms<T>(files: readonly T[], nameOf: (file: T) => string): readonly T[] {
  const names = new Set(files.map(nameOf));
  return files.filter((file) => {
    const signed = signedName(nameOf(file));
    return signed === null || !names.has(signed);
  });
}
