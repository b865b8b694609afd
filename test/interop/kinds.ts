/** Each kind of rule on each state of a file, with nothing else that decides: what random rules leave open. */
import type { Case } from "./families.ts";
import type { Files, Sketch, Words } from "./sketch.ts";
import { chainOf, linkBy, sketchOf, stepOf } from "./sketch.ts";

const KINDS = ["CREATE", "DELETE", "MODIFY", "ALLOW", "DISALLOW", "REQUIRE"] as const;
const SIDES = ["materials", "products"] as const;
/** Of the file `f`: what it was, and what it is. */
const STATES: Readonly<Record<string, readonly [Files, Files]>> = {
  deleted: [{ f: "one" }, {}],
  created: [{}, { f: "one" }],
  kept: [{ f: "one" }, { f: "one" }],
  changed: [{ f: "one" }, { f: "two" }],
};

/** One step with these rules on that side. */
function oneStep(
  materials: Files,
  products: Files,
  side: (typeof SIDES)[number],
  rules: readonly Words[],
): Sketch {
  const step = { ...stepOf("build", ["alice"], 1), [side]: rules };
  return sketchOf(chainOf([step], [linkBy("alice", "build", materials, products)]));
}

function plain(): readonly Case[] {
  return KINDS.flatMap((kind) =>
    SIDES.flatMap((side) =>
      Object.entries(STATES).map(([state, [before, after]]) => ({
        name: `${kind} on ${side} of a file that was ${state}`,
        sketch: oneStep({ ...before, g: "g" }, { ...after, g: "g" }, side, [
          [kind, "f"],
          ["ALLOW", "g"],
          ["DISALLOW", "*"],
        ]),
      })),
    ),
  );
}

const FOLDERS = ["", "src"] as const;
const CONTENTS = ["one", "two"] as const;

/** `f` of the second step, in a folder or not, beside `f` of the first, in that folder or not, on that side or the other. */
function matches(): readonly Case[] {
  return FOLDERS.flatMap((source) =>
    FOLDERS.flatMap((destination) =>
      SIDES.flatMap((side) =>
        CONTENTS.flatMap((content) =>
          FOLDERS.map((place) => {
            const at = (folder: string): string => (folder === "" ? "f" : `${folder}/f`);
            const there = { [at(place)]: content };
            const words = [
              "MATCH",
              "f",
              ...within(source),
              "WITH",
              side.toUpperCase(),
              ...within(destination),
              "FROM",
            ];
            const steps = [
              stepOf("tag", ["alice"], 1),
              stepOf("build", ["bob"], 1, [
                [...words, "tag"],
                ["DISALLOW", "*"],
              ]),
            ];
            const first =
              side === "materials" ? linkBy("alice", "tag", there, {}) : linkBy("alice", "tag", {}, there);
            const second = linkBy("bob", "build", { [at(source)]: "one" }, {});
            const name = `MATCH ${at(source)} with ${side} ${at(destination)}, which is ${at(place)}, ${content}`;
            return { name, sketch: sketchOf(chainOf(steps, [first, second])) };
          }),
        ),
      ),
    ),
  );
}

function within(folder: string): Words {
  return folder === "" ? [] : ["IN", folder];
}

export function kindCases(): readonly Case[] {
  return [...plain(), ...matches()];
}
