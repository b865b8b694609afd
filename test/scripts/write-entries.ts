/** Started by probe.test.ts beneath the benchmarks' probe: writes entries among other rows, as a node does. */
import { openLevel } from "../../node/store/level.ts";
import { entryKey } from "../../protocol/peer/entry-rows.ts";

const store = await openLevel(process.argv[2] ?? "");
const row = Uint8Array.of(97, 1);
await store.apply(
  [
    { op: "put", key: entryKey(1, 0), value: Uint8Array.of(1) },
    { op: "put", key: row, value: Uint8Array.of(2) },
    { op: "put", key: entryKey(1, 1), value: Uint8Array.of(3) },
  ],
  true,
);
await store.apply([{ op: "delete", key: row }], false);
// An array of operations, as the DHT's rows are written.
await store.database.batch([{ type: "put", key: row, value: Uint8Array.of(4) }]);
await store.close();
