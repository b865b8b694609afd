/** The page that checks files, alone in one file: opened from a disk it asks nobody. */
import { render } from "preact";
import type { VNode } from "preact";
import { Brand, ThemeSwitch } from "./frame.tsx";
import { applyTheme, keptTheme } from "./theme.ts";
import { Verify } from "./views/index.ts";

function CheckPage(): VNode {
  return (
    <>
      <header class="top">
        <div class="top-in alone">
          <Brand />
          <span class="where">a page from a file: it asks nobody</span>
          <ThemeSwitch />
        </div>
      </header>
      <main id="main">
        <Verify live={null} />
      </main>
    </>
  );
}

applyTheme(keptTheme());
const place = document.getElementById("app");
if (place !== null) {
  place.replaceChildren();
  render(<CheckPage />, place);
}
