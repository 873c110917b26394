import { pack4, pack8 } from "./pack";
import { startCursors } from "./score-blocks";
import {
  addItems, addUsers, BLOCK, maskItem, maskPanels, QUAD, raisePanels, scorePanels, topOfPanels, whole,
} from "./rest-blocks";
import { at, axpy, dot, idAt, rowAt, scaleTo } from "./simd";
import { log1 } from "./vector-math";

// Log of the mass of a user's unlisted items, log of the sum over items that are not excluded of e^<u, i>, and its gradient.
// Never as a total minus the listed: in float32 that difference is mostly rounding. A user's gradient with respect to items
// needs the sum first, so exponentials of some users are kept from the forward pass to the backward one; the gradient with
// respect to the user, the items' mean under these weights, is summed on the way forward.
//
// The host keeps the state of a step between the calls: packed items, their gradient packed alike, and of `most` users at a
// time exponentials (see `rest-blocks.ts`), sums, means and factors. `restRoom` mirrors the layout.

const LOG2E: f32 = 1.44269504088896341;
const LN2 = 0.69314718055994531;
/** Scores in powers of two that need no shift: their exponentials, sums and factors stay far from the ends of float32. */
const LIMIT: f32 = 40;

/** Packs the items for the passes below, and clears their gradient. Returns the largest norm, NaN of a NaN. */
export function restItems(item: usize, cols: i32, items: i32, room: usize): f32 {
  const bytes = <usize>cols << 2;
  let longest: f32 = 0;
  for (let i = 0; i < items; i++) {
    const row = rowAt(item, i, bytes);
    longest = longer(longest, dot(row, row, bytes));
  }
  pack8(item, bytes, true, items, cols, room);
  memory.fill(rowAt(room, whole(items), bytes), 0, <usize>whole(items) * bytes);
  return sqrt(longest);
}

/** Adds the packed gradient to the rows of `dItem`. */
export function restItemsGrad(dItem: usize, cols: i32, items: i32, room: usize): void {
  const panelBytes = <usize>cols << 5;
  const packed = room + <usize>(whole(items) >> 3) * panelBytes;
  for (let i = 0; i < items; i++) {
    let x = packed + <usize>(i >> 3) * panelBytes + (<usize>(i & 7) << 2);
    for (let c = 0; c < cols; c++) {
      store<f32>(dItem, load<f32>(dItem) + load<f32>(x));
      dItem += 4;
      x += 32;
    }
  }
}

/**
 * Writes `out` [n], n at most `most`: -Infinity where no item is left. Keeps what {@link restGrad} needs. `longest` is the
 * largest norm of an item.
 */
export function restForward(
  user: usize, cols: i32, items: i32, userIds: usize, n: i32, excludeOffsets: usize, excludeItems: usize, longest: f32,
  most: i32, out: usize, room: usize,
): void {
  const bytes = <usize>cols << 2;
  const sums = sumsAt(room, cols, items);
  const means = meansAt(sums, most);
  const rows = rowAt(means, 2 * most, bytes);
  const packed = rowAt(rows, QUAD, bytes);
  const cursors = rowAt(packed, QUAD, bytes);
  const shifts = at(cursors, QUAD);
  let panels = at(shifts, QUAD);
  for (let from = 0; from < n; from += QUAD) {
    const ids = at(userIds, from);
    const count = min(QUAD, n - from);
    let limit: f32 = 0;
    for (let r = 0; r < count; r++) {
      const row = rowAt(rows, r, bytes);
      scaleTo(row, rowAt(user, idAt(ids, r), bytes), f32x4.splat(LOG2E), bytes);
      limit = longer(limit, dot(row, row, bytes));
    }
    pack4(rows, bytes, true, count, cols, packed);
    memory.fill(shifts, 0, QUAD << 2);
    if (!(sqrt(limit) * longest <= LIMIT)) {
      startCursors(ids, count, excludeOffsets, cursors);
      for (let r = 0; r < count; r++) store<f32>(at(shifts, r), -Infinity);
      for (let first = 0; first < items; first += BLOCK) {
        const last = min(first + BLOCK, items);
        scoreBlock(packed, room, cols, first, last, ids, count, excludeOffsets, excludeItems, cursors, panels);
        for (let r = 0; r < count; r++) {
          store<f32>(at(shifts, r), max(load<f32>(at(shifts, r)), topOfPanels(panels, r, first, last)));
        }
      }
      for (let r = 0; r < count; r++) if (load<f32>(at(shifts, r)) == -Infinity) store<f32>(at(shifts, r), 0);
    }
    const mean = rowAt(means, from, bytes);
    const sum = sums + (<usize>from << 3);
    memory.fill(mean, 0, QUAD * bytes);
    memory.fill(sum, 0, QUAD << 3);
    startCursors(ids, count, excludeOffsets, cursors);
    for (let first = 0; first < items; first += BLOCK) {
      const last = min(first + BLOCK, items);
      scoreBlock(packed, room, cols, first, last, ids, count, excludeOffsets, excludeItems, cursors, panels);
      for (let r = 0; r < count; r++) {
        const s = sum + (<usize>r << 3);
        store<f64>(s, load<f64>(s) + raisePanels(panels, r, first, last, load<f32>(at(shifts, r))));
      }
      addItems(panels, room, cols, first, last, mean);
    }
    for (let r = 0; r < count; r++) {
      const mass = load<f64>(sum + (<usize>r << 3));
      const log = <f64>load<f32>(at(shifts, r)) * LN2 + <f64>log1(<f32>mass);
      store<f32>(at(out, from + r), mass == 0 ? -Infinity : <f32>log);
    }
    panels += panelBytes(items);
  }
}

/** Adds the gradient for `dOut` [n] of the users of {@link restForward} to the rows of `dUser` and to the packed items. */
export function restGrad(
  user: usize, cols: i32, items: i32, userIds: usize, n: i32, dOut: usize, most: i32, dUser: usize, room: usize,
): void {
  const bytes = <usize>cols << 2;
  const sums = sumsAt(room, cols, items);
  const means = meansAt(sums, most);
  const factors = rowAt(means, most, bytes);
  const panels = at(rowAt(means, 2 * most + 2 * QUAD, bytes), 2 * QUAD);
  const quads = (n + QUAD - 1) / QUAD;
  memory.fill(factors, 0, <usize>quads * QUAD * bytes);
  for (let r = 0; r < n; r++) {
    const mass = load<f64>(sums + (<usize>r << 3));
    // Without an item left there is no mass, hence no gradient.
    if (mass == 0) continue;
    const share = <f32>(<f64>load<f32>(at(dOut, r)) / mass);
    const id = idAt(userIds, r);
    axpy(rowAt(dUser, id, bytes), rowAt(means, r, bytes), f32x4.splat(share), bytes);
    const row = rowAt(user, id, bytes);
    const factor = rowAt(factors, r & ~(QUAD - 1), bytes) + (<usize>(r & (QUAD - 1)) << 2);
    for (let c = 0; c < cols; c++) store<f32>(factor + (<usize>c << 4), share * load<f32>(at(row, c)));
  }
  addUsers(panels, panelBytes(items), quads, factors, cols, items, rowAt(room, whole(items), bytes));
}

// @ts-ignore: decorator
@inline
function sumsAt(room: usize, cols: i32, items: i32): usize {
  return rowAt(room, 2 * whole(items), <usize>cols << 2);
}

// @ts-ignore: decorator
@inline
function meansAt(sums: usize, most: i32): usize {
  return sums + (<usize>most << 3);
}

/** Bytes of four users' exponentials. */
// @ts-ignore: decorator
@inline
function panelBytes(items: i32): usize {
  return (<usize>whole(items) << 2) * QUAD;
}

/** The larger, NaN where one is. */
// @ts-ignore: decorator
@inline
function longer(a: f32, b: f32): f32 {
  return b <= a || a != a ? a : b;
}

/** Scores of the items [first, last), -Infinity where they are excluded or none. */
function scoreBlock(
  users: usize, room: usize, cols: i32, first: i32, last: i32, ids: usize, count: i32, excludeOffsets: usize,
  excludeItems: usize, cursors: usize, panels: usize,
): void {
  scorePanels(users, room, cols, first, last, panels);
  for (let r = 0; r < count; r++) {
    const end = idAt(excludeOffsets, idAt(ids, r) + 1);
    store<i32>(at(cursors, r), maskPanels(panels, r, excludeItems, idAt(cursors, r), end, last));
    for (let item = last; item < whole(last); item++) maskItem(panels, r, item);
  }
}
