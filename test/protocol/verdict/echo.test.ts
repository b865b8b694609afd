/** One imported link is one voice, in whatever step and from whatever source its signers speak of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { seated } from "../../../protocol/verdict/voices.ts";
import { keyOf } from "./layout-cast.ts";
import { Scene } from "./scene.ts";

const TOLD = [
  "builder worker",
  "builder instance",
  "builder reviewer",
  'rule require=[{ k = 2, of = "role:rebuilder" }, { k = 1, of = "role:rebuilder", step = "review" }]',
  "worker links F with=instance",
  "instance links F with=worker",
  "reviewer gives F step=review",
];

async function verdictOf(lines: readonly string[]): Promise<string> {
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  const { verdict, agreeing, needed } = await scene.verdict();
  return `${verdict}, ${agreeing} of ${needed}`;
}

test("a review of its own makes no second rebuild of the link that another signed too", async () => {
  assert.equal(await verdictOf([...TOLD, "worker gives F step=review"]), "pending, 2 of 3");
});

test("a rebuild of its own does", async () => {
  assert.equal(await verdictOf([...TOLD, "worker gives F"]), "reproduced, 3 of 3");
});

const WORKERS = ["builder instance", "builder worker", "builder other"];
const rule = (k: number): string => `rule require={ k = ${k}, of = "role:rebuilder" }`;

test("an instance is no second voice beside its worker, however often that one built it", async () => {
  // Whichever of the links comes first by its digest.
  for (const run of ["1", "2", "3", "4"]) {
    const again = `worker links F run=${run}`;
    const signed = "worker links F with=instance";
    const all = [...WORKERS, rule(2), signed];
    assert.equal(await verdictOf([...all, again]), "pending, 1 of 2", "one that the instance has not seen");
    assert.equal(await verdictOf([...all, `${again} with=instance`]), "pending, 1 of 2");
  }
});

test("an instance takes no voice from any of its workers", async () => {
  for (const run of ["1", "2", "3", "4"]) {
    const all = ["worker links F with=instance", `other links F with=instance run=${run}`];
    assert.equal(await verdictOf([...WORKERS, rule(2), ...all]), "reproduced, 2 of 2");
    assert.equal(await verdictOf([...WORKERS, rule(3), ...all]), "pending, 2 of 3");
    const own = `instance links F run=own${run}`;
    assert.equal(await verdictOf([...WORKERS, rule(2), ...all, own]), "reproduced, 2 of 2");
  }
});

test("as many speak as have a link each that none of the others has", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const builders = names.map((name) => `[builders.${name}]\nkey = ${keyOf(name)}\nroles = ["r"]\n`).join("");
  const { builders: known, rules } = readPolicy(
    `version = 1\n${builders}[[rules]]\nname = "r"\nmatch = "pkg:generic/*"\nrequire = { k = 6, of = "role:r" }\n`,
  );
  const [asked] = rules;
  assert.ok(asked !== undefined);
  const links = fc.uniqueArray(fc.constantFrom("1", "2", "3", "4", "5"), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(links, { minLength: 6, maxLength: 6 }), (signed) => {
      const speakers = [...known.values()].map((builder, at) => {
        const own = signed[at]?.map((link) => ({ link })) ?? [];
        const spoken = own.length === 0 ? [{ link: null }] : own;
        return {
          builder,
          spoken: spoken.map((one) => ({
            ...one,
            step: "rebuild",
            sources: new Set<string>(),
            object: null,
          })),
        };
      });
      assert.equal(seated(asked, speakers).taken, mostApart(signed));
    }),
    { numRuns: 300 },
  );
});

/** Tries every choice. */
function mostApart(signed: readonly (readonly string[])[]): number {
  const sizes = Array.from({ length: 2 ** signed.length }, (_, bits) => {
    const some = signed.filter((_links, at) => ((bits >> at) & 1) === 1);
    const isApart = some.every(
      (links, at) =>
        links.length === 0 ||
        links.some((link) => !some.some((others, other) => other !== at && others.includes(link))),
    );
    return isApart ? some.length : 0;
  });
  return Math.max(...sizes);
}
