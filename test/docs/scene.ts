/**
 * What the documents' examples are run against: two rebuilders of a real mesh, each with a node in a process of its own, who have attested
 * real packages; and for each page a folder with these packages, copies of the two feeds, a policy that counts the two, and a home of its own.
 */
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ed25519Key, publicFromSeed, sha256, toPkcs8Pem, toSpkiPem, utf8 } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { TOP } from "./markdown.ts";
import { Shell } from "./shell.ts";

const NETWORK = "docs";
const DEMO = join(TOP, "client/cli/demo/artefacts");
const BUILDINFO = "test/vectors/debian/usrmerge_37~deb12u1_all.buildinfo";

/** Real packages: one that both rebuilt, one that came out different, one that one of them rebuilt, one of Arch. */
const SAME = "usrmerge_37~deb12u1_all.deb";
const OTHER = "fcgiwrap_1.1.0-14+deb12u1_amd64.deb";
const ONCE = "librust-as-slice-dev_0.2.1-1+b2_amd64.deb";
const ARCH = "filesystem-2025.10.12-1-any.pkg.tar.zst";
const LINKS = [
  "librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto.link",
  "filesystem-2025.10.12-1-any.in-toto.link",
];
/** Where the feeds of both lie as static files. */
const STICK = "stick";
/** Files with and without signatures. */
const UNSIGN: readonly (readonly [name: string, vector: string])[] = [
  ["program.efi", "pe/tiny.efi"],
  ["program.efi.signed", "pe/tiny.a.efi"],
];
const PUBLIC_KEYS = ["reproduce-debian-net-amd64.pub", "reproducible-archlinux.pub"];

/** The documents show these builders' public keys, so they are always the same. They are nobody's. */
export const BUILDERS = ["tu-example", "uni-other"] as const;
const OPERATORS = ["TU Example", "Other University"] as const;

/** An author's repository, with a release in it. */
const REPOSITORY = [
  "git -c init.defaultBranch=main init -q tool && cd tool",
  "git config user.name Author && git config user.email author@example.org",
  "echo 'print(\"hello\")' > tool.py && git add tool.py",
  "git commit -q -m 'Say hello' && git tag -a -m 'Release 1.0' v1.0",
].join(" && ");

const seedOf = (name: string): Uint8Array => sha256(utf8(`samebits docs ${name}`));

/** The public key of a builder of the documents, as its `.pub` file. */
export function publicPem(name: string): string {
  return toSpkiPem(ed25519Key(publicFromSeed(seedOf(name))));
}

/** The policy that a page starts with. */
export function startPolicy(): string {
  const builders = BUILDERS.map(
    (name, at) =>
      `[builders.${name}]\nkey = """\n${publicPem(name)}"""\noperator = "${OPERATORS[at]}"\nroles = ["rebuilder"]\n`,
  );
  return `version = 1

${builders.join("\n")}
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = "role:rebuilder", distinct = "operator" }
`;
}

export class Scene {
  readonly #root: string;
  readonly #mesh: Shell;
  readonly #bootstrap: string;
  readonly #shells: Shell[] = [];

  private constructor(root: string, mesh: Shell, bootstrap: string) {
    this.#root = root;
    this.#mesh = mesh;
    this.#bootstrap = bootstrap;
  }

  /** Starts the two rebuilders and has them attest and publish. */
  static async open(): Promise<Scene> {
    const root = await mkdtemp(join(tmpdir(), "docs-"));
    await writeCommand(join(root, "bin"));
    const mesh = await newShell(root, "mesh", "");
    for (const name of BUILDERS)
      await writeFile(join(mesh.folder, `${name}.key`), toPkcs8Pem(seedOf(name)), { mode: 0o600 });
    const node = (name: string): string =>
      `exec samebits node --publish-key ${name}.key --first --data ../data/${name} --follow all --quiet`;
    const [one, two] = BUILDERS;
    const bootstrap = addressOf(await mesh.start(node(one)));
    await mesh.start(`${node(two)} --bootstrap ${bootstrap}`);
    const attest = (name: string, file: string): string =>
      `samebits attest ${file} --key ${name}.key --data ../data/${name} -o ../${name} --publish`;
    const ran = await Promise.all([
      mesh.run([
        attest(one, SAME),
        attest(one, OTHER),
        `samebits publish ${LINKS.join(" ")} --data ../data/${one}`,
      ]),
      mesh.run([attest(two, SAME), attest(two, join(DEMO, "fcgiwrap.rebuilt-gcc+deb12u1.deb"))]),
    ]);
    // A head is given its time a moment later, and a copy without it is never known to be fresh.
    const stick = (name: string): string =>
      `until samebits feed export ${STICK}/${name} --data ../data/${name} && test -e ${STICK}/${name}/timed; do sleep 1; done`;
    ran.push(await mesh.run(BUILDERS.map(stick)));
    for (const { status, output } of ran.flat()) if (status !== 0) throw new Error(output);
    return new Scene(root, mesh, bootstrap);
  }

  /** A shell for a page, in a folder of its own. */
  async page(name: string): Promise<Shell> {
    const shell = await newShell(this.#root, name.replaceAll("/", "-").replace(".md", ""), this.#bootstrap);
    this.#shells.push(shell);
    await cp(join(this.#mesh.folder, STICK), join(shell.folder, STICK), { recursive: true });
    const [made] = await shell.run([REPOSITORY]);
    if (made?.status !== 0) throw new Error(made?.output);
    return shell;
  }

  async close(): Promise<void> {
    await Promise.all([this.#mesh, ...this.#shells].map((shell) => shell.close()));
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `samebits` for all pages. Written once, before any of them runs: a file that is being written can't be executed, or is empty. */
async function writeCommand(folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "samebits"), `#!/bin/sh\nexec "${process.execPath}" "${LAUNCHER}" "$@"\n`, {
    mode: 0o755,
  });
}

async function newShell(root: string, name: string, bootstrap: string): Promise<Shell> {
  const home = join(root, name, "home");
  const work = join(root, name, "work");
  const config = join(home, ".config/samebits");
  await Promise.all([work, config].map((folder) => mkdir(folder, { recursive: true })));
  await writeFile(join(config, "policy.toml"), startPolicy());
  await writeFile(join(config, "config.toml"), 'deb_namespace = "debian"\n');
  await Promise.all([
    copyFile(join(TOP, BUILDINFO), join(work, "usrmerge_37~deb12u1_all.buildinfo")),
    copyFile(join(DEMO, "fcgiwrap.archive.deb"), join(work, OTHER)),
    ...[SAME, ONCE, ARCH, ...LINKS, ...PUBLIC_KEYS].map((file) =>
      copyFile(join(DEMO, file), join(work, file)),
    ),
    ...UNSIGN.map(([name, vector]) => copyFile(join(TOP, "test/vectors/unsign", vector), join(work, name))),
    // A checkout of Bitcoin Core's guix.sigs, and the policy for it.
    symlink(join(TOP, "test/vectors/guix-sigs"), join(work, "guix.sigs")),
    // Answers of an instance of rebuilderd, recorded.
    symlink(join(TOP, "test/vectors/rebuilderd/api-0.28.0"), join(work, "answers")),
    copyFile(join(TOP, "docs/examples/bitcoin-core.toml"), join(work, "bitcoin-core.toml")),
    copyFile(join(TOP, "docs/examples/alerts.yml"), join(work, "alerts.yml")),
    copyFile(join(TOP, "docs/verify-by-hand.sh"), join(work, "verify-by-hand.sh")),
    ...BUILDERS.map((builder) => writeFile(join(work, `${builder}.pub`), publicPem(builder))),
  ]);
  return new Shell(work, environment(home, [join(root, "bin"), dirname(process.execPath)], bootstrap));
}

/** A machine of the page's own: nothing of the one that runs the tests gets in, and no port of it is taken. */
function environment(home: string, folders: readonly string[], bootstrap: string): NodeJS.ProcessEnv {
  return {
    PATH: [...folders, process.env["PATH"] ?? ""].join(delimiter),
    HOME: home,
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    SAMEBITS_NETWORK: NETWORK,
    SAMEBITS_LISTEN: "/ip4/127.0.0.1/tcp/0",
    SAMEBITS_API_LISTEN: "none",
    // For a busy machine: where all answer, nobody waits for it.
    SAMEBITS_DEADLINE: "20",
    ...(bootstrap === "" ? {} : { SAMEBITS_BOOTSTRAP: bootstrap }),
  };
}

function addressOf(ready: string): string {
  const { listen } = JSON.parse(ready) as { readonly listen: readonly string[] };
  return listen[0] ?? "";
}
