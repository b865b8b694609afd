/** POSTs each alert as JSON, signed so that who gets it knows whom it is from, and when (docs/watcher.md). */
import { createHmac } from "node:crypto";
import type { Sink } from "../../edges.ts";
import { VERSION } from "../../version.ts";
import { post } from "./post.ts";

export interface WebhookOptions {
  readonly url: URL;
  /** Octets of the secret that both ends know; null = nothing is signed. */
  readonly secret: Uint8Array | null;
  readonly allowPrivate: boolean;
}

export function webhookSink({ url, secret, allowPrivate }: WebhookOptions): Sink {
  return {
    name: `webhook ${url.href}`,
    wantsAll: false,
    repeat: null,
    async deliver({ line, delivery }, signal) {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = {
        "user-agent": `samebits/${VERSION}`,
        "samebits-delivery": delivery,
        "samebits-timestamp": timestamp,
        ...(secret === null ? {} : { "samebits-signature": signatureOf(secret, timestamp, line) }),
      };
      await post({ url, headers, body: line, allowPrivate }, signal);
    },
  };
}

/** `v1=` and the HMAC-SHA256, in hex, of the timestamp, a full stop, and the body. */
function signatureOf(secret: Uint8Array, timestamp: string, body: string): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}
