/**
 * Scenes for tests of verdicts: a few lines say who signed what, and out come real keys, envelopes, feeds and proofs, as sources hand
 * them over. `cases.txt` shows the language.
 */
import {
  buildFailed,
  buildLink,
  buildRetraction,
  claimId,
  pae,
  parseAttestation,
  parseTarget,
  sealEnvelope,
  verifyOwn,
} from "../../../protocol/attestation/index.ts";
import { keyIdKha } from "../../../protocol/crypto/index.ts";
import { proveContradiction, writeEvidence } from "../../../protocol/evidence/index.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type {
  Artifact,
  Asked,
  FileForm,
  Findings,
  RawFindings,
  Remembered,
  Verdict,
} from "../../../protocol/verdict/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { digest, HELLO, legacyLink, NETWORK, NOW, signer } from "./cast.ts";
import type { Signer } from "./cast.ts";
import { originOf, tellFeed } from "./feeds.ts";
import type { Seen } from "./feeds.ts";
import { fileOf } from "./scene-file.ts";
import { writePolicy } from "./scene-policy.ts";
import { ageOf, DAY, exceptionOf, formOf, materialsOf, optionsOf, seenBy } from "./words.ts";
import type { Options } from "./words.ts";

interface Said {
  readonly bytes: Uint8Array;
  readonly by: Signer;
  readonly id: string;
  /** Whose feed carries it; null = a loose envelope. */
  readonly feed: string | null;
  /** What it is about beside the file that it gives. */
  readonly beside?: readonly Target[];
}

/** A scene that is still being told. */
export class Scene {
  #rule = "";
  #match = "pkg:deb/debian/*";
  #extra = "";
  readonly #exceptions: string[] = [];
  readonly #builders = new Map<string, Options>();
  readonly #witnesses = new Map<string, Options>();
  readonly #seen: (Seen & { readonly feed: string })[] = [];
  readonly #said: Said[] = [];
  readonly #feeds = new Map<string, Options>();
  readonly #forks = new Map<string, Options>();
  readonly #evidence: Uint8Array[] = [];
  readonly #memory = new Map<string, Remembered>();
  #asked: Asked = { local: 1, mirrors: 0, peers: 3, dht: 2 };
  #settled: Findings["settled"] = "all";
  #artifact: Artifact = { sha256: digest("F"), name: HELLO.file, target: HELLO, inside: HELLO };
  readonly #forms = new Map<string, FileForm>();

  /** One line of the language. */
  tell(line: string): void {
    const [subject = "", verb = "", ...rest] = line.trim().split(/\s+/);
    const words = [verb, ...rest];
    switch (subject) {
      case "rule":
        this.#rule = words.join(" ");
        return;
      case "match":
        this.#match = verb;
        return;
      case "builder":
        this.#builders.set(verb, optionsOf(rest));
        return;
      case "witness":
        this.#witnesses.set(verb, optionsOf(rest));
        return;
      case "file":
        this.#artifact = { ...this.#artifact, ...fileOf(optionsOf(words)) };
        return;
      case "form":
        this.#forms.set(toHex(digest(verb)), formOf(optionsOf(rest)));
        return;
      case "unsigned":
        this.#artifact = { ...this.#artifact, unsigned: toHex(digest(verb)) };
        return;
      case "asked":
        this.#asked = { local: Number(verb), mirrors: 0, peers: Number(rest[0]), dht: Number(rest[1]) };
        return;
      case "settled":
        this.#settled = new Set(words);
        return;
      case "default":
        this.#extra = `[default]\nmode = "${verb}"\n`;
        return;
      case "exception":
        this.#exceptions.push(exceptionOf(verb, optionsOf(rest)));
        return;
      case "strangers":
        for (let number = 0; number < Number(verb); number++)
          this.#gives(`stranger${number}`, rest[0] ?? "", new Map());
        return;
      default:
        this.#act(subject, verb, rest);
    }
  }

  policy(): Policy {
    return readPolicy(this.policyText());
  }

  policyText(): string {
    return writePolicy({
      builders: this.#builders,
      witnesses: this.#witnesses,
      match: this.#match,
      rule: this.#rule,
      rest: `${this.#exceptions.join("")}${this.#extra}`,
    });
  }

  artifact(): Artifact {
    return this.#artifact;
  }

  raw(): RawFindings {
    const carriers = new Set([
      ...this.#said.flatMap(({ feed }) => feed ?? []),
      ...this.#feeds.keys(),
      ...this.#forks.keys(),
    ]);
    const feeds = [...carriers].map((name) => this.#feed(name));
    return {
      entries: feeds.flatMap(({ entries }) => entries),
      heads: feeds.flatMap(({ heads }) => heads),
      envelopes: this.#said.filter(({ feed }) => feed === null).map(({ bytes }) => bytes),
      evidence: [...this.#evidence, ...feeds.flatMap(({ evidence }) => evidence)],
      joins: feeds.flatMap(({ joins }) => joins ?? []),
    };
  }

  rest(): Pick<Findings, "settled" | "asked" | "memory" | "forms"> {
    return { settled: this.#settled, asked: this.#asked, memory: this.#memory, forms: this.#forms };
  }

  async verdict(): Promise<Verdict> {
    const policy = this.policy();
    const collected = await collectFound(this.raw(), { policy, network: NETWORK, strict: false });
    return judge(this.#artifact, { ...collected, ...this.rest() }, policy, NOW);
  }

  #act(name: string, verb: string, rest: readonly string[]): void {
    const [object = ""] = rest;
    const options = optionsOf(rest);
    switch (verb) {
      case "gives":
        return this.#gives(name, object, options);
      case "links":
        return this.#links(name, object, options);
      case "fails":
      case "not":
        return this.#fails(name, verb === "not" ? object : null, options);
      case "takes-back":
        return this.#takesBack(name, Number(object), options);
      case "saw":
        this.#seen.push({ feed: object, ...seenBy(name, options) });
        return;
      case "feed":
        this.#feeds.set(name, options);
        return;
      case "forks":
        this.#forks.set(name, options);
        return;
      case "remembered":
        this.#memory.set(originOf(name), {
          size: Number(object),
          root: options.get("root") ?? "00",
          timeMs: NOW - ageOf(options.get("ago") ?? "3d"),
        });
        return;
      case "contradicts-itself":
        return this.#selfContradiction(name, options);
      default:
        throw new Error(`no scene understands "${name} ${verb}"`);
    }
  }

  #targetOf(options: Options): typeof HELLO {
    const { target } = this.#artifact;
    const [as, file] = [options.get("as"), options.get("file")];
    if (as !== undefined) return parseTarget(as, file ?? HELLO.file);
    return file === undefined ? (target ?? HELLO) : parseTarget((target ?? HELLO).purl, file);
  }

  #gives(name: string, what: string, options: Options): void {
    const env = options.get("env");
    const target = this.#targetOf(options);
    const bare = options.get("bare");
    const unsigned = parseTarget(target.purl, `${target.file}${bare === undefined ? "" : ".unsigned"}`);
    const subjects = [{ file: target.file, target, sha256: digest(what) }];
    if (bare !== undefined) subjects.push({ file: unsigned.file, target: unsigned, sha256: digest(bare) });
    const statement = buildLink(subjects, {
      step: options.get("step") ?? "rebuild",
      materials: materialsOf(options),
      command: [],
      how: options.get("how") === "imported" ? "imported" : "built",
      time: NOW - ageOf(options.get("age") ?? "1d"),
      environment: env === undefined ? null : { architecture: "amd64", packages: digest(env) },
    });
    this.#say(name, statement, options, bare === undefined ? [] : [unsigned]);
  }

  #fails(name: string, what: string | null, options: Options): void {
    const env = options.get("env");
    const target = this.#artifact.target ?? HELLO;
    const statement = buildFailed(
      [{ file: target.file, target, sha256: what === null ? null : digest(what) }],
      {
        step: options.get("step") ?? "rebuild",
        reason: options.get("because") ?? "no",
        materials: materialsOf(options),
        how: "built",
        time: NOW - DAY,
        environment: env === undefined ? null : { architecture: "amd64", packages: digest(env) },
      },
    );
    this.#say(name, statement, options);
  }

  #takesBack(name: string, number: number, options: Options): void {
    const target = this.#targetOf(options);
    const said = this.#said[number - 1];
    // With `file=` of that alone.
    const beside = options.has("file") ? [] : (said?.beside ?? []);
    const subjects = [target, ...beside].map((one) => ({ file: one.file, target: one, sha256: null }));
    const statement = buildRetraction(subjects, {
      retracts: [said?.id ?? ""],
      reason: options.get("because") ?? "mistake",
      replacedBy: null,
      time: NOW,
    });
    this.#say(name, statement, options);
  }

  /** A worker's link, counter-signed by its instance where one is named. `run=` tells one of several. */
  #links(name: string, what: string, options: Options): void {
    const by = signer(name);
    const second = options.get("with");
    const file = options.get("file") ?? this.#artifact.target?.file ?? "";
    const signers = second === undefined ? [by] : [by, signer(second)];
    const { bytes, message } = legacyLink(file, digest(what), signers, options);
    const feed = options.has("loose") ? null : (options.get("in") ?? null);
    this.#said.push({ bytes, by, id: claimId(by.key.raw, message), feed });
  }

  #say(name: string, statement: Uint8Array, options: Options, beside: readonly Target[] = []): void {
    const by = signer(name, Number(options.get("key") ?? 1));
    const keyid = options.has("keyid") ? (options.get("keyid") ?? "") : keyIdKha(by.key);
    const bytes = sealEnvelope(statement, by.sign, keyid);
    const feed = options.has("loose") ? null : (options.get("in") ?? name);
    this.#said.push({ bytes, by, id: claimId(by.key.raw, pae(statement)), feed, beside });
  }

  /** Evidence from the last two claims; hidden: they are known from it alone. */
  #selfContradiction(name: string, options: Options): void {
    const said = options.has("hidden") ? this.#said.splice(-2) : this.#said.slice(-2);
    const [a, b] = said.map(({ bytes }) => verifyOwn(parseAttestation(bytes), signer(name).key.raw));
    const target = this.#artifact.target ?? HELLO;
    const proof = a && b ? proveContradiction(a, b, target.key, []) : null;
    if (proof === null) throw new Error("the last two claims are no contradiction");
    this.#evidence.push(writeEvidence(proof));
  }

  #feed(name: string): RawFindings {
    const options = this.#feeds.get(name) ?? new Map<string, string>();
    const fork = this.#forks.get(name);
    const age = options.get("age") ?? "1h";
    return tellFeed({
      name,
      entries: this.#said.filter(({ feed }) => feed === name),
      age: age === "none" ? null : ageOf(age),
      complete: options.has("complete"),
      seen: this.#seen.filter(({ feed }) => feed === name),
      fork: fork === undefined ? "none" : fork.has("common") ? "after-first" : "whole",
    });
  }
}
