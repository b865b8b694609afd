/** What stands around every view: where one is, whether the page is live, and the theme. */
import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { openAlerts } from "./alert-words.ts";
import type { LiveState } from "./live.ts";
import { VIEWS, writeRoute } from "./route.ts";
import type { ViewName } from "./route.ts";
import { applyTheme, keptTheme, nextTheme } from "./theme.ts";
import { number } from "./words.ts";

const TITLES: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  package: "Packages",
  builders: "Builders",
  alerts: "Alerts",
  mesh: "Mesh",
  verify: "Check a file",
};
const THEMES = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" } as const;
const CONNECTIONS = { starting: "connecting", live: "live", lost: "not live" } as const;

interface FrameProps {
  readonly live: LiveState;
  readonly view: ViewName;
  readonly children: ComponentChildren;
}

export function Frame({ live, view, children }: FrameProps): VNode {
  const open = openAlerts(live.findings).length;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="top">
        <div class="top-in">
          <Brand />
          <span class="where">
            {live.status !== null && `network ${live.status.network} · node …${live.status.peer.slice(-8)}`}
          </span>
          <span class={`pill ${live.connection}`} role="status">
            <span class="dot" aria-hidden="true" />
            {CONNECTIONS[live.connection]}
          </span>
          <ThemeSwitch />
          <nav aria-label="Views">
            <ul>
              {VIEWS.map((name) => (
                <li key={name}>
                  <a href={writeRoute(name)} aria-current={name === view ? "page" : undefined}>
                    {TITLES[name]}
                    {name === "alerts" && open > 0 && <span class="count">{number(open)}</span>}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** The address after # says which view: it is not to be changed. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

export function Brand(): VNode {
  return (
    <a class="brand" href={writeRoute("overview")}>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect class="plate" width="32" height="32" rx="7" />
        <path fill="#fff" d="M7 9h8v4H7zM17 9h8v4h-8zM7 19h8v4H7zM17 19h8v4h-8z" />
      </svg>
      samebits
    </a>
  );
}

export function ThemeSwitch(): VNode {
  const [theme, setTheme] = useState(keptTheme);
  const turn = (): void => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="bare" onClick={turn}>
      {THEMES[theme]}
    </button>
  );
}
