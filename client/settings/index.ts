/** What a configuration file may say (`protocol/spec/config.schema.json`), read exactly: no name that is not known, every fault with its place. */
export { readSettings } from "./read.ts";
export type { Settings } from "./read.ts";
export { NODE_DEFAULTS } from "./node.ts";
export type { LogWord, NodeSettings } from "./node.ts";
export { addressRule, anchorRule, apiRule, assertOption, domainRule, webRule } from "./places.ts";
export { SETTING_NAMES } from "./names.ts";
export { readSize } from "./size.ts";
export { WATCH_DEFAULTS } from "./watch.ts";
export type { WatchSettings } from "./watch.ts";
