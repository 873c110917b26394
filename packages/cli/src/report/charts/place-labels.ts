/** A label that wants to stand at a place in pixels; `y` grows downwards. */
export interface WantedLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: "start" | "end";
}

/** Where labels may stand, and what they must not cover. */
export interface LabelRoom {
  readonly top: number;
  readonly bottom: number;
  /** Centres of dots. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
}

/** A label farther than this from its dot would seem to be another's. */
const REACH = 40;
const DOT_RADIUS = 5;
const LINE_HEIGHT = 12;
/** Mean width of a character at the charts' font size, rather too wide than too narrow. */
const CHARACTER = 6.6;

/**
 * Moves labels up or down as little as it takes for none to cover another.
 * @returns the shift of each in pixels, negative upwards, in the order of the input; null for a label that finds no place
 * near its own in `room`: it is left out
 */
export function placeLabels(labels: readonly WantedLabel[]): readonly number[];
export function placeLabels(labels: readonly WantedLabel[], room: LabelRoom): readonly (number | null)[];
export function placeLabels(labels: readonly WantedLabel[], room?: LabelRoom): readonly (number | null)[] {
  const shifts: (number | null)[] = labels.map(() => 0);
  const placed: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  const order = labels.map((_, index) => index).sort((a, b) => (labels[b]?.y ?? 0) - (labels[a]?.y ?? 0));
  for (const index of order) {
    const label = labels[index];
    if (!label) continue;
    const width = label.text.length * CHARACTER;
    const left = label.anchor === "start" ? label.x : label.x - width;
    const covered = (y: number): boolean =>
      placed.some((other) => left < other.right && other.left < left + width && Math.abs(other.y - y) < LINE_HEIGHT) ||
      (room !== undefined && outside(y, room)) ||
      (room?.dots ?? []).some(
        (dot) =>
          left < dot.x + DOT_RADIUS &&
          dot.x - DOT_RADIUS < left + width &&
          Math.abs(dot.y - y) < LINE_HEIGHT / 2 + DOT_RADIUS,
      );
    const found = steps(room ? REACH : 200).find((step) => !covered(label.y + step));
    const shift = found ?? (room ? null : 0);
    shifts[index] = shift;
    if (shift === null) continue;
    placed.push({ left, right: left + width, y: label.y + shift });
  }
  return shifts;
}

/**
 * Leaves out labels that came to stand above what they belong below: of two that do, the one that moved farther.
 * @param shifts as {@link placeLabels} gave them
 */
export function keepOrder(
  labels: readonly WantedLabel[],
  shifts: readonly (number | null)[],
): readonly (number | null)[] {
  const kept: { readonly wanted: number; readonly placed: number }[] = [];
  const order = labels.map((_, index) => index).sort((a, b) => Math.abs(shifts[a] ?? 0) - Math.abs(shifts[b] ?? 0));
  const ordered: (number | null)[] = labels.map(() => null);
  for (const index of order) {
    const [label, shift] = [labels[index], shifts[index]];
    if (!label || shift === null || shift === undefined) continue;
    const own = { wanted: label.y, placed: label.y + shift };
    if (kept.some((other) => (other.wanted - own.wanted) * (other.placed - own.placed) < 0)) continue;
    kept.push(own);
    ordered[index] = shift;
  }
  return ordered;
}

const outside = (y: number, { top, bottom }: LabelRoom): boolean =>
  y < top + LINE_HEIGHT / 2 || y > bottom - LINE_HEIGHT / 2;

/** 0, -1, 1, -2, 2 …: the nearest free place is found first, upwards before downwards. */
function steps(reach: number): readonly number[] {
  return [0, ...Array.from({ length: reach }, (_, index) => index + 1).flatMap((step) => [-step, step])];
}
