/** Pieces that views are made of. */
export { Bars, StackedBar } from "./bars.tsx";
export type { Bar, Part } from "./bars.tsx";
export { Chart } from "./chart.tsx";
export { Checks } from "./checks.tsx";
export type { NamedCheck } from "./checks.tsx";
export { Command } from "./copy.tsx";
export { Mark, MarkKey } from "./mark.tsx";
export { Matrix, stepWords } from "./matrix.tsx";
export { StatementDialog } from "./statement.tsx";
export type { Wanted } from "./statement.tsx";
export { VirtualList } from "./virtual-list.tsx";
