/** A long list of which only the rows in sight are drawn. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { scrollTo, sightOf } from "../window.ts";

/** Before it is known how high the list is. */
const FIRST_HEIGHT = 640;
/** Rows before the end at which more are asked for. */
const NEAR_END = 40;

export interface VirtualListProps<Item> {
  readonly items: readonly Item[];
  readonly rowHeight: number;
  readonly label: string;
  readonly role?: "list" | "grid";
  readonly columns?: number;
  readonly row: (item: Item, at: number) => VNode;
  /** The row that has to be in sight. */
  readonly shown?: number;
  /** Called when the end comes near. */
  readonly onEnd?: () => void;
}

export function VirtualList<Item>(props: VirtualListProps<Item>): VNode {
  const { items, rowHeight, label, role = "list", columns, row, shown, onEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(FIRST_HEIGHT);
  const { from, to } = sightOf(scrolled, height, rowHeight, items.length);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(current.clientHeight));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || shown === undefined) return;
    current.scrollTop = scrollTo(shown, current.scrollTop, current.clientHeight, rowHeight);
  }, [shown, rowHeight]);
  useEffect(() => {
    if (to >= items.length - NEAR_END) onEnd?.();
  }, [to, items.length]);
  const rows = items.slice(from, to).map((item, i) => {
    const at = from + i;
    return (
      <div
        key={at}
        class="row"
        role={role === "grid" ? "row" : "listitem"}
        aria-rowindex={role === "grid" ? at + 1 : undefined}
        aria-posinset={role === "list" ? at + 1 : undefined}
        aria-setsize={role === "list" ? items.length : undefined}
        style={{ top: `${at * rowHeight}px`, height: `${rowHeight}px` }}
      >
        {row(item, at)}
      </div>
    );
  });
  return (
    <div
      ref={box}
      class="list"
      role={role}
      aria-label={label}
      aria-rowcount={role === "grid" ? items.length : undefined}
      aria-colcount={columns}
      tabIndex={role === "grid" ? -1 : 0}
      onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
    >
      <div class="space" role="presentation" style={{ height: `${items.length * rowHeight}px` }}>
        {rows}
      </div>
    </div>
  );
}
