/** Where peers stand on the map: this node in the middle, the others around it, in rings that hold so many as have room. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

const FIRST_RING = 12;
const MORE_A_RING = 10;

/** Points in a square of side 2 around 0, the first at the top, clockwise. */
export function placePeers(count: number): readonly Point[] {
  const rings: number[] = [];
  for (let left = count, room = FIRST_RING; left > 0; left -= room, room += MORE_A_RING)
    rings.push(Math.min(left, room));
  return rings.flatMap((inRing, ring) => {
    const radius = (0.9 * (ring + 1)) / rings.length;
    return Array.from({ length: inRing }, (_, at) => {
      const angle = (2 * Math.PI * (at + (ring % 2) / 2)) / inRing - Math.PI / 2;
      return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
    });
  });
}
