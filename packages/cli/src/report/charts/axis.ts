/** From a value to pixels: known here, so that labels can be placed before anything is drawn. */
export interface Axis {
  readonly type: "linear" | "log";
  readonly domain: readonly [low: number, high: number];
  place(value: number): number;
}

/** An axis over some values. A span of more than a factor `logFrom` is shown in powers, where all values allow it. */
export function axis(
  values: readonly number[],
  logFrom: number,
  [from, to]: readonly [number, number],
  air: number,
): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > logFrom;
  const scale = log ? Math.log : (value: number) => value;
  const unscale = log ? Math.exp : (value: number) => value;
  // Equal values need some room, or they would lie on an axis without length.
  const room = air === 0 ? 0 : air * (scale(high) - scale(low)) || 0.05 * Math.abs(scale(high)) || 1;
  const domain = [unscale(scale(low) - room), unscale(scale(high) + room)] as const;
  const span = scale(domain[1]) - scale(domain[0]) || 1;
  const place = (value: number) => from + ((scale(value) - scale(domain[0])) / span) * (to - from);
  return { type: log ? "log" : "linear", domain, place };
}

/** Powers of ten on a logarithmic axis; halves of them too where fewer than three fit, every second one where many do. */
export function powerTicks({ domain: [low, high] }: Axis): number[] {
  const exponents = Array.from({ length: 41 }, (_, index) => index - 20);
  const inside = (steps: readonly number[], every: number): number[] =>
    exponents
      .filter((exponent) => exponent % every === 0)
      .flatMap((exponent) => steps.map((step) => Number(`${step}e${exponent}`)))
      .filter((value) => value >= low && value <= high);
  const powers = inside([1], 1);
  if (powers.length < 3) return inside([1, 2, 5], 1);
  return powers.length > 5 ? inside([1], Math.ceil(powers.length / 4)) : powers;
}

/** Three significant digits at most: `65.6k`, `0.042`. */
export function compact(value: number): string {
  if (value >= 999_500) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1000
    ? `${Number((value / 1000).toPrecision(3))}k`
    : String(Number(value.toPrecision(value >= 1 ? 3 : 2)));
}

/** Lines of the grid, as options of a mark. */
export const GRID = { stroke: "var(--grid)", strokeOpacity: 1 } as const;
