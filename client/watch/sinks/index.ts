/** The door of `client/watch/sinks/`: where alerts go. */
export { alertmanagerSink } from "./alertmanager.ts";
export { execSink } from "./exec.ts";
export { NotTaken, readRetryAfter } from "./post.ts";
export { webhookSink } from "./webhook.ts";
