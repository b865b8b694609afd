import type { CommandResult, Engine, PeerName, Topic } from "../../protocol/peer/index.ts";
import type { Router } from "./router.ts";
import type { Answered } from "./world.ts";

/** A command on its way. */
export interface Call {
  result: CommandResult | null;
}

/** Gossip that waits for its verdict. */
interface Message {
  readonly topic: Topic;
  readonly bytes: Uint8Array;
  readonly from: PeerName;
}

/** From a start to a crash: all that the crash loses. */
export class Life {
  readonly number: number;
  readonly engine: Engine | null;
  readonly router: Router;
  readonly banned: Map<PeerName, number> = new Map();
  readonly calls: Map<number, Call> = new Map();
  readonly answers: Map<number, Answered> = new Map();
  readonly gossips: Map<number, Message> = new Map();
  ready = false;
  outstanding = 0;
  wakeAt: number = Number.POSITIVE_INFINITY;

  constructor(number: number, engine: Engine | null, router: Router) {
    this.number = number;
    this.engine = engine;
    this.router = router;
  }
}
