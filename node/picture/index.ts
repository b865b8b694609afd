/** The door of `node/picture/`: what a node's index says of builders' agreement, as numbers and as pages of targets. */
export { pictureOn } from "./on-driver.ts";
export type { Picture } from "./picture.ts";
export type { MatrixQuery, MatrixTarget } from "./matrix.ts";
export type { PictureView, Point } from "./types.ts";
