/** Who got what of the file that an alert is about, as the node counts it. */
import type { Finding } from "./finding.ts";
import { readMatrix } from "./picture.ts";
import type { MatrixTarget } from "./picture.ts";
import { useAnswer } from "./use-answer.ts";
import { nameInPurl } from "./words.ts";

/** Null where the node says nothing of it, and until it does. */
export function useRow({ purl, file }: Finding, version: number): MatrixTarget | null {
  const path = purl === null ? null : `/v1/matrix?show=all&q=${encodeURIComponent(nameInPurl(purl))}`;
  const { value } = useAnswer(path, readMatrix, version);
  return value?.targets.find((one) => one.purl === purl && one.file === file) ?? null;
}
