/**
 * Some hundred layouts, drawn from a seed and written by in-toto's library and by ours: Debian's in-toto and samebits say the same of each,
 * but where `differences.ts` says that samebits is stricter or more exact, by a rule that says of what in-toto would say the same.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { exactOf } from "./differences.ts";
import type { Difference } from "./differences.ts";
import { casesOf } from "./families.ts";
import type { Case } from "./families.ts";
import { isForGolang, judgeByGolang, lacksGolang } from "./golang.ts";
import { lacksInToto } from "./in-toto.ts";
import type { Said } from "./in-toto.ts";
import { kindCases } from "./kinds.ts";
import { judgeHere } from "./ours.ts";
import type { Asked } from "./ours.ts";
import { ourId, writeBySamebits } from "./samebits.ts";
import type { Dialect } from "./samebits.ts";
import type { Sketch } from "./sketch.ts";
import { strictCases } from "./strict.ts";
import { openWorld } from "./world.ts";
import type { World } from "./world.ts";
import { actorOf, FILES, inTotoId, keyOf, LAYOUT, LINKS, wantedOf, writeByInToto } from "./write.ts";

const SEED = 20261129;
/** Cases at a time: one of the two judges waits for the other otherwise. */
const LANES = 4;
const skip = lacksInToto();
let world: World;
let written = 0;

before(async () => {
  if (skip === false) world = await openWorld();
});

type Writer = "in-toto" | Dialect;

/** Writes a chain, has it judged by those asked for, and leaves nothing behind. */
async function judged<Judges extends readonly Judge[]>(
  sketch: Sketch,
  writer: Writer,
  ...judges: Judges
): Promise<{ readonly [At in keyof Judges]: Said }> {
  const folder = join(world.folder, `${++written}`);
  const idOf = writer === "in-toto" ? inTotoId : ourId;
  const wanted = wantedOf(world.cast, sketch, folder, idOf(world.cast));
  if (writer === "in-toto") await writeByInToto(world.inToto, world.cast, folder, wanted);
  else writeBySamebits(world.cast, folder, wanted, writer);
  const said = await Promise.all(judges.map((judge) => judge(folder, sketch)));
  rmSync(folder, { recursive: true });
  return said as { readonly [At in keyof Judges]: Said };
}

type Judge = (folder: string, sketch: Sketch) => Promise<Said>;

const byInToto: Judge = (folder, { owners, parameters }) =>
  world.inToto.ask<Said>({
    do: "judge",
    ...filesIn(folder),
    owners: owners.map((each) => keyOf(world.cast, each)),
    parameters,
  });

const bySamebits: Judge = (folder, { owners, parameters }) =>
  judgeHere({
    ...filesIn(folder),
    owners: owners.map((each) => actorOf(world.cast, each).key),
    parameters,
  });

const byGolang: Judge = (folder, { owners }) =>
  judgeByGolang({
    ...filesIn(folder),
    owners: owners.map((each) => actorOf(world.cast, each).key),
    parameters: null,
  });

function filesIn(folder: string): Pick<Asked, "layout" | "links" | "files"> {
  return { layout: join(folder, LAYOUT), links: join(folder, LINKS), files: join(folder, FILES) };
}

interface Outcome {
  readonly inToto: Said;
  readonly ours: Said;
  /** What samebits has to say. */
  readonly expected: boolean;
  readonly differences: readonly Difference[];
}

async function outcomeOf({ sketch }: Case, writer: "in-toto" | "metablock"): Promise<Outcome> {
  const [inToto, ours] = await judged(sketch, writer, byInToto, bySamebits);
  const { differences, sketch: exact } = exactOf(sketch);
  if (differences.length === 0) return { inToto, ours, expected: inToto.pass, differences };
  if (exact === null) return { inToto, ours, expected: false, differences };
  const [said] = await judged(exact, "in-toto", byInToto);
  return { inToto, ours, expected: said.pass, differences };
}

function assertAsExpected({ name, sketch }: Case, { inToto, ours, expected, differences }: Outcome): void {
  const why = `${name}: in-toto says ${told(inToto)}; samebits says ${told(ours)}; ${differences.join("; ")}`;
  assert.equal(ours.pass, expected, `${why}\n${JSON.stringify(sketch, null, 1)}`);
}

function told({ pass, why }: Said): string {
  return pass ? "it passes" : `it fails, ${why}`;
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const cases = [...kindCases(), ...casesOf(SEED)];

for (const writer of ["in-toto", "metablock"] as const) {
  const who = writer === "in-toto" ? "in-toto" : "samebits";
  const mine = cases.filter((_, at) => (at % 2 === 0) === (writer === "in-toto"));
  test(
    `${mine.length} layouts and their links written by ${who}: in-toto and samebits agree`,
    { skip },
    async (t) => {
      let passed = 0;
      let differing = 0;
      await each(mine, async (drawn) => {
        const outcome = await outcomeOf(drawn, writer);
        assertAsExpected(drawn, outcome);
        if (outcome.ours.pass) passed++;
        if (outcome.ours.pass !== outcome.inToto.pass) differing++;
      });
      assert.ok(passed > 50 && mine.length - passed > 50, `${passed} of ${mine.length} pass`);
      t.diagnostic(
        `${passed} pass, ${mine.length - passed} do not; ${differing} by a difference that is meant`,
      );
    },
  );
}

test("in envelopes the same chains get the same verdicts", { skip }, async () => {
  const some = cases.filter((_, at) => at % 3 === 0);
  await each(some, async ({ name, sketch }) => {
    const [plain] = await judged(sketch, "metablock", bySamebits);
    for (const dialect of ["dsse", "statement"] as const) {
      const [ours] = await judged(sketch, dialect, bySamebits);
      assert.equal(ours.pass, plain.pass, `${name}, ${dialect}: ${told(ours)}; as metablocks ${told(plain)}`);
    }
  });
});

test(
  "in-toto-golang says the same, also where one link is enough and two disagree",
  { skip: skip !== false ? skip : lacksGolang() },
  async (t) => {
    const shared: readonly Difference[] = [
      "functionaries that may sign a step do not disagree, also where one is enough",
    ];
    const asked = cases.filter(
      ({ sketch }) => isForGolang(sketch) && exactOf(sketch).differences.every((one) => shared.includes(one)),
    );
    await each(asked, async ({ name, sketch }) => {
      const [golang, ours] = await judged(sketch, "metablock", byGolang, bySamebits);
      assert.equal(
        golang.pass,
        ours.pass,
        `${name}: in-toto-golang says ${told(golang)}; samebits ${told(ours)}`,
      );
    });
    assert.ok(asked.length > 100);
    t.diagnostic(`${asked.length} cases`);
  },
);

test(
  "each difference shows: in-toto says one thing, samebits the other, and in-toto the same of the exact chain",
  { skip },
  async () => {
    const shown = new Set<Difference>();
    for (const drawn of strictCases()) {
      const outcome = await outcomeOf(drawn, "in-toto");
      assertAsExpected(drawn, outcome);
      assert.deepEqual(outcome.differences, [drawn.difference], drawn.name);
      assert.notEqual(outcome.ours.pass, outcome.inToto.pass, `${drawn.name}: ${told(outcome.inToto)}`);
      shown.add(drawn.difference);
    }
    assert.equal(shown.size, 14);
  },
);
