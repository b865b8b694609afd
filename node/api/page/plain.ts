import { html } from "./html.ts";
import type { Markup } from "./html.ts";

/** A whole page of the main facts alone, for a node whose dashboard was not built. */
export function plainPage(facts: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>samebits node</title>
      </head>
      <body>
        <header>
          <h1>samebits node</h1>
        </header>
        ${facts}
        <footer>
          <p>
            These are the main facts: the dashboard's own files are not here. In a checkout
            <code>npm run setup</code> builds them; start the node anew then.
          </p>
        </footer>
      </body>
    </html> `.text;
}
