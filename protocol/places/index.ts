/**
 * The door of `protocol/places/`: how places are written that a node or a command is told: where peers are, feeds in static files, an interface that
 * is listened on. Of what is written alone: whether anybody is there is for those to find out who go there.
 */
export { isMultiaddr, isPeerId } from "./multiaddr.ts";
export { hostPortOf, mirrorUrl } from "./written.ts";
