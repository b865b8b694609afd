/** Rows of third parties: in-toto-golang, in-toto (Python), apt-transport-in-toto and the documentation's examples. */
import type { Recorded } from "./recorded-row.ts";

const GO = "third-party";
const GO_DEMO = {
  owner: `${GO}/alice.pub`,
  links: {
    "write-code.b7d643de.link": `${GO}/write-code.b7d643de.link`,
    "package.d3ffd108.link": `${GO}/package.d3ffd108.link`,
  },
  files: { "foo.tar.gz": `${GO}/foo.tar.gz` },
} as const;
const DSSE_ONLY = {
  layout: `${GO}/dsse-only.root.layout`,
  owner: `${GO}/alice.pub`,
  links: Object.fromEntries(
    ["clone-dsse.776a00e2.link", "update-version-dsse.776a00e2.link", "package-dsse.2f89b927.link"].map(
      (name) => [name, `${GO}/${name}`],
    ),
  ),
  files: {},
} as const;

const golang: readonly Recorded[] = [
  {
    ...GO_DEMO,
    // in-toto for Python drops what it does not know before it verifies, here the constraints, so that no signature holds
    name: "in-toto-golang's demo, with constraints on certificates",
    layout: `${GO}/demo.layout`,
    upstream: "pass",
    inToto: "fail",
    ours: "passed",
  },
  {
    ...GO_DEMO,
    name: "in-toto-golang's demo in an envelope, with links that are none",
    layout: `${GO}/demo.dsse.layout`,
    upstream: "pass",
    inToto: "unreadable",
    ours: "passed",
  },
  {
    ...GO_DEMO,
    name: "in-toto-golang's demo in an envelope, without what is installed",
    layout: `${GO}/demo.dsse.layout`,
    files: { "foo.tar.gz": "=evil" },
    upstream: "fail",
    inToto: "unreadable",
    ours: "layout/inspection",
  },
  {
    ...DSSE_ONLY,
    name: "in-toto-golang's envelopes alone",
    upstream: "pass",
    inToto: "unreadable",
    ours: "passed",
  },
  {
    ...DSSE_ONLY,
    name: "in-toto-golang's envelopes alone, a link changed",
    harm: ["package", "content"],
    upstream: "fail",
    inToto: "unreadable",
    ours: "layout/too-few-links",
  },
];

const PYTHON = {
  layout: `${GO}/demo/demo.layout.template`,
  sign: true,
  owner: "owner",
  links: {
    "write-code.776a00e2.link": `${GO}/write-code.776a00e2.link`,
    "package.2f89b927.link": `${GO}/package.2f89b927.link`,
  },
  files: { "foo.tar.gz": `${GO}/foo.tar.gz` },
} as const;
const GPG = {
  ...PYTHON,
  layout: `${GO}/demo-gpg/demo.layout.template`,
  links: {
    "write-code.8288ef56.link": `${GO}/demo-gpg/write-code.8288ef56.link`,
    "package.7b3abb26.link": `${GO}/demo-gpg/package.7b3abb26.link`,
  },
} as const;

const python: readonly Recorded[] = [PYTHON, GPG].flatMap((demo, at): readonly Recorded[] => {
  const name = at === 0 ? "in-toto's demo, RSA" : "in-toto's demo, GnuPG";
  return [
    { ...demo, name, upstream: "pass", inToto: "pass", ours: "passed" },
    {
      ...demo,
      name: `${name}, a link changed`,
      harm: ["package", "content"],
      upstream: "fail",
      inToto: "fail",
      ours: "layout/too-few-links",
    },
    {
      ...demo,
      name: `${name}, another signature`,
      harm: ["write-code", "signature"],
      upstream: "fail",
      inToto: "fail",
      ours: "layout/too-few-links",
    },
    {
      ...demo,
      name: `${name}, without links`,
      links: {},
      upstream: "fail",
      inToto: "fail",
      ours: "layout/too-few-links",
    },
    {
      ...demo,
      name: `${name}, an archive that is none`,
      files: { "foo.tar.gz": "=evil" },
      upstream: "fail",
      inToto: "fail",
      ours: "layout/inspection",
    },
  ];
});

const APT = `${GO}/apt-transport`;
const PRODUCT = "final-product_0.0.0.0-0_all.deb";
const TRANSPORT = {
  layout: `${APT}/test.layout`,
  owner: `${APT}/alice.asc`,
  links: {
    "rebuild.5863835e.link": `${GO}/rebuild.5863835e.link`,
    "rebuild.e946fc60.link": `${APT}/rebuild.e946fc60.link`,
  },
  files: { [PRODUCT]: `${APT}/good.deb` },
} as const;
const { "rebuild.5863835e.link": __, ...ONE_REBUILDER } = TRANSPORT.links;

const transport: readonly Recorded[] = [
  { ...TRANSPORT, name: "apt-transport-in-toto, good", upstream: "pass", inToto: "pass", ours: "passed" },
  {
    ...TRANSPORT,
    name: "apt-transport-in-toto, bad",
    files: { [PRODUCT]: `${APT}/bad.deb` },
    upstream: "fail",
    inToto: "fail",
    ours: "layout/rule",
  },
  {
    ...TRANSPORT,
    name: "apt-transport-in-toto, one rebuilder",
    links: ONE_REBUILDER,
    upstream: "fail",
    inToto: "fail",
    ours: "layout/too-few-links",
  },
  {
    ...TRANSPORT,
    name: "apt-transport-in-toto, a link changed",
    harm: ["rebuild.5863835e", "content"],
    upstream: "fail",
    inToto: "fail",
    ours: "layout/too-few-links",
  },
  {
    ...TRANSPORT,
    name: "apt-transport-in-toto, the layout of its container, whose rebuilders are not these",
    layout: `${APT}/test.layout.docker`,
    upstream: null,
    inToto: "fail",
    ours: "layout/too-few-links",
  },
  {
    ...TRANSPORT,
    name: "apt-transport-in-toto, the layout that it ships, which expired and is signed by nobody",
    layout: `${APT}/root.layout`,
    upstream: null,
    inToto: "fail",
    ours: "attestation/bad-signatures",
  },
  {
    ...TRANSPORT,
    name: "a layout signed with GnuPG by in-toto-sign, with Ed25519 rebuilders, none of whom is here",
    layout: "apt-transport/root.layout",
    owner: "apt-transport/owner.asc",
    links: {},
    upstream: null,
    inToto: "fail",
    ours: "layout/too-few-links",
  },
];

/** Examples of the documentation: of an early version, in which keys had no schemes, and without their owners' keys. */
const docs: readonly Recorded[] = ["root.layout", "seattle.layout"].map((name) => ({
  name: `in-toto's documentation, ${name}`,
  layout: `${GO}/docs/${name}`,
  owner: `${GO}/alice.pub`,
  links: {
    "tag-release.48c92a75.link": `${GO}/docs/tag-release.xxx.link`,
    "test.48c92a75.link": `${GO}/docs/test.xxx.link`,
    "build-sdist.48c92a75.link": `${GO}/docs/build-sdist.xxx.link`,
  },
  files: {},
  upstream: null,
  inToto: "fail",
  ours: "shape/missing",
}));

export const THIRD_PARTIES: readonly Recorded[] = [...golang, ...python, ...transport, ...docs];
