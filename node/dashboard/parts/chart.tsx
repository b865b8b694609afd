/** A chart by uPlot in the page's colours; what it shows stands in words beside it, for those who do not see it. */
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";

export interface Line {
  readonly label: string;
  /** A token of style.css without its dashes. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** Filled down to the axis. */
  readonly filled?: boolean;
}

export interface ChartProps {
  readonly label: string;
  readonly height: number;
  /** Seconds since 1970, or numbers where `isTime` is false. */
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly isTime?: boolean;
  readonly isBars?: boolean;
  /** Least and largest of the other axis; left out, as the values are. */
  readonly range?: readonly [number, number];
  readonly format?: (value: number) => string;
  /** Without axes, for a row of a table. */
  readonly isSmall?: boolean;
}

export function Chart(props: ChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    let plot = draw(current, props);
    const again = (): void => {
      plot.destroy();
      plot = draw(current, props);
    };
    const observer = new ResizeObserver(() => {
      if (plot.width !== current.clientWidth)
        plot.setSize({ width: current.clientWidth, height: props.height });
    });
    observer.observe(current);
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", again);
    document.addEventListener("samebits-theme", again);
    return () => {
      observer.disconnect();
      system.removeEventListener("change", again);
      document.removeEventListener("samebits-theme", again);
      plot.destroy();
    };
  });
  return (
    <div
      ref={box}
      class="chart"
      role="img"
      aria-label={props.label}
      style={{ minHeight: `${props.height}px` }}
    />
  );
}

function draw(box: HTMLElement, props: ChartProps): UPlot {
  const { x, lines, height, isTime = true, isBars = false, isSmall = false, range } = props;
  const data: UPlot.AlignedData = [[...x], ...lines.map(({ values }) => [...values])];
  const options: UPlot.Options = {
    width: Math.max(60, box.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    ...(isSmall ? { padding: [2, 2, 2, 2] } : {}),
    scales: {
      x: { time: isTime, ...(isBars ? { range: (_, min, max) => [min - 0.6, max + 0.6] } : {}) },
      y: {
        range: (_, min, max) =>
          range === undefined ? [Math.min(0, min), max === 0 ? 1 : max * 1.05] : [...range],
      },
    },
    axes: axesOf(box, props),
    series: [{}, ...lines.map((line) => seriesOf(box, line, isBars))],
  };
  return new UPlot(options, data, box);
}

function axesOf(box: HTMLElement, { isSmall = false, isBars = false, format }: ChartProps): UPlot.Axis[] {
  if (isSmall) return [{ show: false }, { show: false }];
  const colours = {
    stroke: colourOf(box, "soft"),
    grid: { stroke: colourOf(box, "line"), width: 1 },
    ticks: { stroke: colourOf(box, "line"), width: 1 },
    font: "12px system-ui, sans-serif",
  };
  return [
    { ...colours, grid: { show: false }, ...(isBars ? { incrs: [1, 2, 5, 10, 20, 50] } : {}) },
    {
      ...colours,
      size: 64,
      ...(format === undefined ? {} : { values: (_, marks) => marks.map((mark) => format(mark)) }),
    },
  ];
}

function seriesOf(box: HTMLElement, { label, colour, filled = false }: Line, isBars: boolean): UPlot.Series {
  const stroke = colourOf(box, colour);
  const bars = UPlot.paths.bars?.({ size: [0.7, 64], radius: 0.12 });
  return {
    label,
    stroke,
    width: isBars ? 0 : 2,
    points: { show: false },
    ...(filled || isBars ? { fill: isBars ? stroke : colourOf(box, colour, 0.16) } : {}),
    ...(isBars && bars !== undefined ? { paths: bars } : {}),
  };
}

/** A token as a colour that a canvas takes, by the theme in force. */
function colourOf(box: HTMLElement, token: string, opacity = 1): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return opacity === 1 ? color : color.replace(/^rgb\((.*)\)$/, `rgba($1, ${opacity})`);
}
