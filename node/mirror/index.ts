/** The door of `node/mirror/`: feeds out of static files (C2SP tlog-tiles), beside the mesh. */
export type { MirrorFiles } from "./files.ts";
export { openMirror } from "./open.ts";
export { mirrorName, withMirrors } from "./transport.ts";
export type { MirroredTransport } from "./transport.ts";
export { askWitness, witnessUrl } from "./witness.ts";
export type { WitnessWord } from "./witness.ts";
