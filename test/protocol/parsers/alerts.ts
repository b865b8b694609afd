/** The book of alerts, which a watcher reads again after a restart. */
import * as core from "../../../protocol/index.ts";
import { aMatter, stormy } from "../alert/matters.ts";
import type { Parser } from "./parser.ts";

const circumstances = { policy: null, now: 1_000 };
const small = new core.AlertBook();
small.update(aMatter(), circumstances);
small.acknowledge(small.state.alerts[0]?.id ?? "", { time: 7, note: "seen" }, circumstances);

const digesting = new core.AlertBook({ ...stormy(70).state, alerts: [] });

export const OF_ALERTS: readonly Parser[] = [
  {
    name: "readAcknowledged",
    codes: ["bytes/bad-utf8"],
    read: core.readAcknowledged,
    samples: [core.writeAcknowledged(7, "asked bob"), core.utf8("an old note")],
  },
  {
    name: "readAlertBook",
    codes: ["bytes/", "json/", "shape/"],
    read: core.readAlertBook,
    samples: [core.writeAlertBook(small), core.writeAlertBook(digesting)],
    limit: [core.MAX_BOOK_BYTES, "bytes/too-big"],
    json: true,
  },
];
