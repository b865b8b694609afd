/** Layouts and links in words and as JSON (`protocol/spec/layout-shown.schema.json`): who does what from what, until when, and who has signed. */
import { formatTime, keyIdKha, sameKey } from "../../../protocol/index.ts";
import type { Artifacts, Layout, Link } from "../../../protocol/index.ts";
import { lookAt, ruleLine } from "../../layout/index.ts";
import type { LayoutFile, LookedAt } from "../../layout/index.ts";
import type { Printer } from "../print.ts";
import { layoutLines, ranOf } from "../show/index.ts";
import type { KnownKey } from "../show/index.ts";

/** Prints what a file says. Throws `layout/bad-file`. */
export async function printLayout(
  file: LayoutFile,
  keys: readonly KnownKey[],
  now: number,
  printer: Printer,
): Promise<void> {
  const looked = await lookAt(file, keys);
  if (printer.json) return printer.object(layoutObject(looked, keys, now));
  for (const line of layoutLines(looked, keys, now)) printer.data(line);
}

type Rules = Pick<Layout["steps"][number], "expectedMaterials" | "expectedProducts">;

function layoutObject({ file, signers, unknown }: LookedAt, keys: readonly KnownKey[], now: number): object {
  const { content, path, form } = file;
  return {
    samebits: 1,
    path,
    form,
    ...(content.kind === "layout"
      ? { kind: "layout", ...layoutMembers(content, keys, now) }
      : { kind: "link", ...linkMembers(content) }),
    signed: signers.map(({ name, key }) => ({ name, keyid: keyIdKha(key) })),
    unknown,
  };
}

function layoutMembers(layout: Layout, keys: readonly KnownKey[], now: number): object {
  const rules = ({ expectedMaterials, expectedProducts }: Rules): object => ({
    materials: expectedMaterials.map(ruleLine),
    products: expectedProducts.map(ruleLine),
  });
  return {
    readme: layout.readme,
    expires: formatTime(layout.expires),
    expired: layout.expires <= now,
    steps: layout.steps.map((step) => ({
      name: step.name,
      threshold: step.threshold,
      functionaries: step.functionaries.map((id) => {
        const key = layout.keys.get(id);
        const known = keys.find((one) => key !== undefined && sameKey(one.key, key));
        return {
          keyid: key === undefined ? id : keyIdKha(key),
          type: key?.type ?? null,
          name: known?.name ?? null,
        };
      }),
      command: step.expectedCommand,
      ...rules(step),
    })),
    inspections: layout.inspections.map((each) => ({ name: each.name, run: each.run, ...rules(each) })),
  };
}

function linkMembers(link: Link): object {
  const { name, command, materials, products } = link;
  const { returnValue, stdout, stderr } = ranOf(link);
  const files = (artifacts: Artifacts): readonly object[] =>
    [...artifacts].map(([file, digests]) => ({ file, digest: Object.fromEntries(digests) }));
  return {
    step: name,
    command,
    return_value: returnValue,
    stdout,
    stderr,
    materials: files(materials),
    products: files(products),
  };
}
