/** Started by level.test.ts: writes batches of ten rows and says the number of each when it is on disk. */
import { openLevel } from "../../../node/store/level.ts";

const store = await openLevel(process.argv[2] ?? "");
for (let batch = 0; ; batch++) {
  const ops = Array.from({ length: 10 }, (_, i) => {
    const n = batch * 10 + i;
    return {
      op: "put",
      key: Uint8Array.of(97, n >> 16, n >> 8, n),
      value: new Uint8Array(500).fill(7),
    } as const;
  });
  await store.apply(ops, true);
  process.stdout.write(`${batch}\n`);
}
