/**
 * Writes test/vectors/verdict/verdicts.json for `protocol/spec/verdict.md`: the cases of test/protocol/verdict/cases.txt as a policy, a
 * file and a bundle, and the verdict that whoever has these comes to. Same output every time.
 */
import { readFileSync } from "node:fs";
import { fromUtf8, toHex, writeBundleFile } from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { NETWORK, NOW } from "../../test/protocol/verdict/cast.ts";
import { judgeOffline } from "../../test/protocol/verdict/offline.ts";
import type { OfflineCase } from "../../test/protocol/verdict/offline.ts";
import { Scene } from "../../test/protocol/verdict/scene.ts";
import { writeVectors } from "./write.ts";

const CASES = new URL("../../test/protocol/verdict/cases.txt", import.meta.url);

/** What a bundle does not say is not in these: what a node holds in full, who was asked, who has not answered. */
const NOT_IN_BUNDLES = /^(?:asked|settled|strangers) |^\w+ feed .*complete/m;

const parts = (target: Target | null): OfflineCase["file"]["target"] =>
  target === null ? null : { purl: target.purl, file: target.file };

const cases: (OfflineCase & { readonly verdict: unknown })[] = [];
for (const block of readFileSync(CASES, "utf8").split("\n\n")) {
  const [story = ""] = block.split("\n----");
  const [about = "", ...lines] = story.split("\n");
  if (!/^rule /m.test(story) || NOT_IN_BUNDLES.test(story)) continue;
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  const { sha256, target, inside, unsigned } = scene.artifact();
  const { memory, forms } = scene.rest();
  const one: OfflineCase = {
    about,
    policy: scene.policyText(),
    file: {
      sha256: toHex(sha256),
      target: parts(target),
      inside: parts(inside),
      ...(unsigned === undefined ? {} : { unsigned }),
    },
    ...(forms === undefined || forms.size === 0 ? {} : { forms: Object.fromEntries(forms) }),
    memory: [...memory].map(([origin, known]) => ({ origin, ...known })),
    bundle: fromUtf8(writeBundleFile(scene.raw(), { network: NETWORK, time: NOW })),
  };
  cases.push({ ...one, verdict: await judgeOffline(one, NETWORK, NOW) });
}
writeVectors("verdict/verdicts.json", { network: NETWORK, now: NOW, cases });
