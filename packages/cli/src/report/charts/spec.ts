/** A chart as plain data: what is drawn is decided here, how by the renderer, so that a drawing can be kept by its data. */
export type ChartSpec = LineChart | DotChart | ScatterChart | GainChart;

interface ChartFrame {
  readonly id: string;
  /** For a reader who cannot see it: the title, and what it shows in words. */
  readonly title: string;
  readonly description: string;
  /** Widths in pixels that it is drawn for; text keeps its size. */
  readonly widths: readonly number[];
  readonly height: number;
}

export type Points = readonly (readonly [x: number, y: number])[];

export interface ChartLine {
  readonly label: string;
  /** A CSS colour, usually a variable of the palette. */
  readonly color: string;
  readonly points: Points;
  /** A band around it. */
  readonly spread?: readonly (readonly [x: number, low: number, high: number])[];
  readonly strong: boolean;
  /** SVG dash pattern; solid when absent. */
  readonly dash?: string;
}

/** Values over epochs. */
export interface LineChart extends ChartFrame {
  readonly kind: "lines";
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly ChartLine[];
  /** What stands at the end of each line: its label, instead of a legend; a dot, and beside strong lines its last value. */
  readonly ends: "labels" | "values" | "nothing";
}

/** One row per model, one dot per seed, a tick at the mean. */
export interface DotChart extends ChartFrame {
  readonly kind: "dots";
  readonly xLabel: string;
  readonly rows: readonly {
    readonly label: string;
    readonly color: string;
    readonly mean: number;
    readonly values: readonly { readonly value: number; readonly label: string }[];
  }[];
  /** A line to compare with: the plain student's mean. */
  readonly reference: { readonly value: number; readonly label: string } | null;
}

/** Quality against a cost, with the spread over seeds as a bar. */
export interface ScatterChart extends ChartFrame {
  readonly kind: "scatter";
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly {
    readonly label: string;
    readonly color: string;
    readonly x: number;
    readonly y: number;
    readonly sd: number | null;
  }[];
}

/** A strip of bars for each model: what it gives to every cluster of users, a bar as wide as its cluster. */
export interface GainChart extends ChartFrame {
  readonly kind: "gains";
  readonly xLabel: string;
  readonly yLabel: string;
  readonly strips: readonly {
    readonly label: string;
    readonly color: string;
    readonly bars: readonly {
      /** Users before it, and with it. */
      readonly from: number;
      readonly to: number;
      readonly gain: number;
      /** False for the small clusters together. */
      readonly counted: boolean;
      readonly title: string;
    }[];
  }[];
}

/** Drawings by `id@width`. */
export type Drawings = ReadonlyMap<string, string>;

export const drawingKey = (id: string, width: number): string => `${id}@${width}`;

/** Widths at which charts are drawn, so that their text has one size everywhere: a page, a tablet, a phone … */
export const WIDE = 1010;
export const MEDIUM = 620;
export const NARROW = 310;
/** … and charts that stand side by side. */
export const HALF = 490;
export const SMALL = 310;
