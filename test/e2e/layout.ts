import { ed25519Key, keyIdKha } from "../../protocol/index.ts";

/** A layout of in-toto 1.x with one step, which `threshold` of these keys rebuild. */
export function layoutOf(
  builders: readonly { readonly raw: Uint8Array; readonly hex: string }[],
  threshold: number,
  inspect: readonly object[] = [],
): object {
  const keys = builders.map(({ raw, hex }) => {
    const keyid = keyIdKha(ed25519Key(raw));
    const keyval = { private: "", public: hex };
    const kind = { keytype: "ed25519", scheme: "ed25519", keyid_hash_algorithms: ["sha256", "sha512"] };
    return [keyid, { keyid, ...kind, keyval }] as const;
  });
  const step = {
    _type: "step",
    name: "rebuild",
    expected_command: [],
    expected_materials: [],
    expected_products: [
      ["CREATE", "*.deb"],
      ["DISALLOW", "*"],
    ],
    pubkeys: keys.map(([keyid]) => keyid),
    threshold,
  };
  const head = { _type: "layout", expires: "2046-01-01T00:00:00Z", readme: "" };
  return { ...head, keys: Object.fromEntries(keys), steps: [step], inspect };
}
