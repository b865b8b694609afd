/** The door of `client/install/method/`: a method of apt around the one that apt brings. */
export type { Fetched } from "./fetched.ts";
export { runMethod } from "./run.ts";
export { methodName, SCHEMES } from "./scheme.ts";
export type { Scheme } from "./scheme.ts";
export type { Ruling } from "./wrap.ts";
