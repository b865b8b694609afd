/** Dark or light: as the system says, unless the reader chose. */

export type Theme = "auto" | "light" | "dark";

const KEPT_AS = "samebits-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}

/** What was chosen before; where nothing may be kept (a page from a file), as the system says. */
export function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

/** Shows the page so, and keeps the choice. */
export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "auto") delete dataset["theme"];
  else dataset["theme"] = theme;
  try {
    localStorage.setItem(KEPT_AS, theme);
  } catch {
    // Then it lasts as long as the page.
  }
  document.dispatchEvent(new Event("samebits-theme"));
}
