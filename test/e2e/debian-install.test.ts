/**
 * docs/install-debian.md in a fresh root of Debian 12, with its own apt and dpkg: the package is installed, runs, is upgraded, half upgraded, broken, mended,
 * taken back to an older version, removed and purged; apt works at every step, and nothing is left.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { buildDeb } from "../../scripts/deb/package.ts";
import { blocksOf, readPage, TOP } from "../docs/markdown.ts";
import { LOOP, ranIn } from "../docs/shell.ts";
import { isShown, readTranscript } from "../docs/transcript.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { run } from "./apt-rig.ts";
import { ENTER, freshRoot, whyNoRoot } from "./debian-root.ts";

const PAGE = "docs/install-debian.md";
const HERE = "in a fresh root; test/e2e/debian-install.test.ts";
const NODE = `scripts/runtime/node_modules/node-linux-${process.arch}/bin/node`;
const HEAD = "ab".repeat(32);

interface Step {
  readonly command: string;
  /** What it prints, with `…`; null = anything. */
  readonly shown?: string | null;
  /** Its status; null = the next command shows it, 0 if left out. */
  readonly status?: number | null;
}

/** A command that starts what a unit does, as systemd would. */
function started(unit: string, log: string): string {
  return `start=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/${unit}); HOME=/var/lib/samebits setsid setpriv --reuid=samebits --regid=samebits --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs $start > ${log} 2>&1`;
}

/** As the service starts it, and waits for it. */
const START: readonly Step[] = [
  { command: "[ \"$(stat -c '%a %U %G' /var/lib/samebits)\" = '700 samebits samebits' ]" },
  { command: `${started("samebits.service", "/var/log/samebits.log")} & node=$!` },
  {
    command: `for i in $(seq 300); do /usr/lib/samebits/bin/node -e 'fetch("http://127.0.0.1:7717/healthz").then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))' && break; sleep 0.1; done; [ $i -lt 300 ] || { cat /var/log/samebits.log; false; }`,
  },
  {
    command: "stat -c %U /proc/$node",
    shown: "samebits\n",
  },
];
const WATCH_LOG = "/var/log/samebits-watch.log";
/** The other service: it finds the node, reads its configuration again when it is told to, and ends. */
const WATCH: readonly Step[] = [
  { command: `${started("samebits-watch.service", WATCH_LOG)} & watch=$!` },
  waitFor("samebits: watching by"),
  { command: "kill -HUP $watch" },
  waitFor("samebits: the configuration was read again"),
  { command: "kill $watch && wait $watch" },
];
const STOP: Step = { command: "kill $node && wait $node" };
const LISTED = `find / -xdev \\( -path /proc -o -path /dev -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /run -o -path /root -o -path /debs -o -path /newer \\) -prune -o -print | grep -v '^/etc/\\(passwd\\|group\\|shadow\\|gshadow\\|subuid\\|subgid\\)-$' | sort`;
const allowed = 'samebits apt allow hello=2.10-3 --reason "to try it" --for 1h';
const hello = "apt-get install --yes --reinstall hello";

const BEFORE: readonly Step[] = [{ command: "cd /debs" }, { command: `${LISTED} > /tmp/before` }];
const SAME: Step = { command: `${LISTED} | diff /tmp/before -`, shown: "" };

/** What the page does not show. */
const MORE: readonly Step[] = [
  { command: "dpkg -i ./samebits_*.deb" },
  { command: "/var/lib/dpkg/info/samebits.postinst configure" },
  ...START,
  ...WATCH,
  {
    command: String.raw`samebits policy new debian -o /etc/samebits/policy.toml && sed -i '/^.default/,$ s/"warn"/"refuse"/; s/"warn"/"enforce"/' /etc/samebits/policy.toml`,
  },
  { command: "samebits apt install-hook --mode enforce" },
  {
    command: hello,
    status: 100,
    shown: "…\nE: transaction refused before unpacking; nothing was changed\n…",
  },
  { command: allowed },
  { command: hello },
  // Unpacked, and not configured: apt goes on as it should, and refuses what it should.
  { command: "dpkg --unpack /newer/samebits_*.deb" },
  { command: "dpkg-query -W -f '${Status}' samebits", shown: "install ok unpacked" },
  { command: "samebits apt allow hello=2.10-3 --remove" },
  {
    command: hello,
    status: 100,
    shown: "…\nE: transaction refused before unpacking; nothing was changed\n…",
  },
  { command: allowed },
  { command: hello },
  {
    command: "dpkg --configure -a && dpkg-query -W -f '${Status} ${Version}' samebits",
    shown: "install ok installed 0.1.0-2",
  },
  { command: "dpkg --verify samebits", shown: "" },
  // Cut off: its files are not all there. It refuses, and is mended without apt.
  { command: "mv /usr/lib/samebits/lib/main.js /tmp/" },
  { command: hello, status: 100 },
  { command: "dpkg -i /newer/samebits_*.deb" },
  { command: hello },
  { command: "dpkg -i ./samebits_*.deb && samebits --version" },
  { command: hello },
  STOP,
  {
    command: "apt-get remove --yes samebits",
    shown: "…\nsamebits: apt does not ask samebits any more; …\n…\n",
  },
  { command: "/var/lib/dpkg/info/samebits.postrm remove" },
  {
    command: `${hello} && [ -e /etc/samebits/config.toml ] && [ -d /var/lib/samebits ] && [ ! -e /usr/lib/samebits ]`,
  },
  { command: "dpkg -i ./samebits_*.deb", shown: "…\nsamebits: apt asks again: …\n…\n" },
  { command: "[ -e /etc/apt/apt.conf.d/50samebits ]" },
  // A feed of its own that has entries, and the carrier's, which has none.
  {
    command: `rm -f /var/lib/samebits/own-head/*; printf 'samebits/main/x\\n3\\nroot\\n' > /var/lib/samebits/own-head/${HEAD}; : > /var/lib/samebits/own-head/${HEAD}.begun`,
  },
  {
    command: `printf 'samebits/main/y\\n0\\nroot\\n' > /var/lib/samebits/own-head/empty; : > /var/lib/samebits/own-head/empty.begun`,
  },
  { command: "cp /var/lib/dpkg/info/samebits.postrm /tmp/postrm" },
  {
    command: "apt-get purge --yes samebits",
    shown: "…\nsamebits: /var/lib/samebits/own-head is kept: …\n…\n",
  },
  {
    command: "find /var/lib/samebits -type f | sort",
    shown: `/var/lib/samebits/own-head/${HEAD}\n/var/lib/samebits/own-head/${HEAD}.begun\n`,
  },
  { command: "sh /tmp/postrm purge && apt-get purge --yes hello" },
  { command: "rm -r /var/lib/samebits /etc/samebits/policy.toml; rmdir /etc/samebits" },
  SAME,
];

test(
  "installed, run, upgraded, removed, purged: apt works, and nothing is left",
  { skip: why(), timeout: 300_000 },
  async () => {
    const root = await rootWithPackages();
    const [install = { command: "false" }, ...page] = shownHere();
    assert.ok(page.length >= 12, "the page's commands are found");
    const steps = [...BEFORE, install, ...START, ...page.slice(0, -3), STOP, ...page.slice(-3)];
    // The page has a policy written, which is the administrator's own file.
    const left: Step = { command: "rm /etc/samebits/policy.toml; rmdir /etc/samebits" };
    await runIn(root, [...steps, left, SAME, ...MORE]);
  },
);

function waitFor(words: string): Step {
  return {
    command: `for i in $(seq 300); do grep -q '${words}' ${WATCH_LOG} && break; sleep 0.1; done; [ $i -lt 300 ] || { cat ${WATCH_LOG}; false; }`,
  };
}

async function runIn(root: string, steps: readonly Step[]): Promise<void> {
  const inside = ["bash", "-c", LOOP, "bash", ...steps.map(({ command }) => command)];
  const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  const child = spawn("unshare", [...namespaces, "sh", "-c", `exec 2>&1\n${ENTER}`, "sh", root, ...inside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const ran = ranIn(await text(child.stdout));
  await ended;
  const faults = steps.flatMap(({ command, shown = null, status = 0 }, at) => {
    const is = ran[at] ?? { status: -1, output: "it was not reached" };
    if (status !== null && is.status !== status)
      return [`# ${command}\nends with ${is.status}:\n${is.output}`];
    if (shown === null || isShown(shown, is.output)) return [];
    return [`# ${command}\nprints\n${is.output}\nand this is wanted\n${shown}`];
  });
  assert.equal(faults.join("\n"), "");
}

/** The page's commands, `verify` in one file before the package is removed. */
function shownHere(): readonly Step[] {
  const blocks = blocksOf(PAGE, readPage(PAGE)).filter(({ notRun }) => notRun === HERE);
  const steps = blocks.map(({ text: block }) => {
    const told = readTranscript(block.replace(/^# /gm, "$ "));
    return told.map((step, at) => (told[at + 1]?.command === "echo $?" ? { ...step, status: null } : step));
  });
  const single = steps.pop() ?? [];
  const removal = steps.pop() ?? [];
  return [...steps.flat(), ...single, ...removal];
}

async function rootWithPackages(): Promise<string> {
  const root = await freshRoot();
  process.env["SOURCE_DATE_EPOCH"] = "1796000000";
  const { file } = await buildDeb(join(root, "debs"), { revision: "1", level: 0 });
  const newer = join(await newFolder(), "newer");
  const version = join(newer, "DEBIAN/control");
  assert.equal((await run("dpkg-deb", ["-R", file, newer])).code, 0);
  await writeFile(version, (await readFile(version, "utf8")).replace("Version: 0.1.0-1", "Version: 0.1.0-2"));
  await mkdir(join(root, "newer"));
  const name = basename(file).replace("0.1.0-1", "0.1.0-2");
  assert.equal((await run("dpkg-deb", ["-Znone", "-b", newer, join(root, "newer", name)])).code, 0);
  await rm(newer, { recursive: true });
  return root;
}

function why(): string | false {
  if (!existsSync(join(TOP, NODE)))
    return `${NODE} is not there: node scripts/setup.js --with-runtime brings it`;
  return whyNoRoot() || lacks("dpkg-deb", "xz");
}
