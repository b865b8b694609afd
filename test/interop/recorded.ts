/**
 * Others' layouts and links, as they stand or with one thing done to them, and what is said of each: by whom they come from, by Debian's
 * in-toto, and here. `test/vectors/in-toto/README.md` says where they are from.
 */
import type { Recorded } from "./recorded-row.ts";
import { THIRD_PARTIES } from "./recorded-third.ts";

const DEB = "foo_1.0-1_amd64.deb";
const BUILT = "py-1.3.1-metablock/foo_1.0-1_amd64.deb";

/** Two of three rebuilders, by each of three tools: complete, too few, and with a third who got another file. */
function rebuilt(
  folder: string,
  layout: string,
  links: string,
  good: readonly [string, string],
  bad: string,
  inToto: Recorded["inToto"],
): readonly Recorded[] {
  const named = (paths: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(paths.map((path) => [path.slice(path.lastIndexOf("/") + 1), path]));
  const [first, second] = good.map((id) => `${folder}/${links}rebuild.${id}.link`) as [string, string];
  const third = `${folder}/bad/rebuild.${bad}.link`;
  const base = { layout: `${folder}/${layout}`, owner: `${folder}/owner.pub`, files: { [DEB]: BUILT } };
  const failing = inToto === "pass" ? "fail" : inToto;
  const one = { ...base, links: named([first, second]) };
  return [
    { ...one, name: `${layout} of ${folder}`, upstream: "pass", inToto, ours: "passed" },
    {
      ...base,
      name: `${layout} of ${folder}, one rebuilder alone`,
      links: named([first]),
      upstream: "fail",
      inToto: failing,
      ours: "layout/too-few-links",
    },
    {
      ...base,
      name: `${layout} of ${folder}, with dissent`,
      links: named([first, second, third]),
      upstream: "fail",
      inToto: failing,
      ours: "layout/disagree",
    },
    {
      ...base,
      name: `${layout} of ${folder}, one to one`,
      links: named([first, third]),
      upstream: "fail",
      inToto: failing,
      ours: "layout/disagree",
    },
    {
      ...one,
      name: `${layout} of ${folder}, another file installed`,
      files: { [DEB]: "=evil" },
      upstream: "fail",
      inToto: failing,
      ours: "layout/rule",
    },
    {
      ...one,
      name: `${layout} of ${folder}, a link changed`,
      harm: [`rebuild.${good[0]}`, "content"],
      upstream: "fail",
      inToto: failing,
      ours: "layout/too-few-links",
    },
    {
      ...one,
      name: `${layout} of ${folder}, another owner`,
      owner: "third-party/alice.pub",
      upstream: "fail",
      inToto: failing,
      ours: "layout/bad-signature",
    },
  ];
}

const CHAIN = {
  layout: "chain-3step/root.layout",
  owner: "chain-3step/owner.pub.pem",
  links: Object.fromEntries(
    ["tag.90545b09", "build.1e0e38b9", "build.8a616832", "sign.ec66af4d"].map((name) => [
      `${name}.link`,
      `chain-3step/${name}.link`,
    ]),
  ),
  files: { "foo-signed.exe": "chain-3step/foo-signed.exe" },
} as const;
const { "build.8a616832.link": _, ...ONE_BUILDER } = CHAIN.links;

const chain: readonly Recorded[] = [
  { ...CHAIN, name: "tag, build, sign", upstream: "pass", inToto: "pass", ours: "passed" },
  {
    ...CHAIN,
    name: "tag, build, sign: another file installed",
    files: { "foo-signed.exe": "=evil" },
    upstream: "fail",
    inToto: "fail",
    ours: "layout/rule",
  },
  {
    ...CHAIN,
    name: "tag, build, sign: one builder",
    links: ONE_BUILDER,
    upstream: "fail",
    inToto: "fail",
    ours: "layout/too-few-links",
  },
  {
    ...CHAIN,
    name: "tag, build, sign: the tag's link changed",
    harm: ["tag", "content"],
    upstream: "fail",
    inToto: "fail",
    ours: "layout/too-few-links",
  },
  {
    ...CHAIN,
    name: "tag, build, sign: the signature of a link changed",
    harm: ["sign", "signature"],
    upstream: "fail",
    inToto: "fail",
    ours: "layout/too-few-links",
  },
];

export const RECORDED: readonly Recorded[] = [
  ...rebuilt("py-1.3.1-metablock", "root.layout", "", ["2bd60f96", "f779c502"], "32af72e3", "pass"),
  ...rebuilt("go-0.11.0-dsse", "root.layout", "metablock/", ["1659d316", "be907f45"], "d0cab776", "pass"),
  ...rebuilt("go-0.11.0-dsse", "root-dsse.layout", "", ["1659d316", "be907f45"], "d0cab776", "unreadable"),
  ...rebuilt("py-2.2.0-dsse", "root.layout", "", ["87cb392f", "de2b53fa"], "62a6bf01", "unreadable"),
  ...rebuilt("py-2.2.0-dsse", "root-dsse.layout", "", ["87cb392f", "de2b53fa"], "62a6bf01", "unreadable"),
  ...chain,
  ...THIRD_PARTIES,
];
