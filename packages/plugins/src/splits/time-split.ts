import { bool, defineSplit, float, InputError, type InteractionTable, int, oneOf } from "@kdp/plugin-api";
import { coldNotes, dropCold, Part, rowsOfParts } from "./parts.js";
import { checkRatios, type Ratios, sizesOf } from "./ratios.js";
import { rowsByUser } from "./rows-by-user.js";

/** The latest interactions for test, those before for valid, the earliest for training. */
export const timeSplit = defineSplit({
  doc:
    "Splits by time: the earliest interactions train, later ones validate, the latest test; either each user's own or all of " +
    "them together (what a service would face). Interactions of one moment stay together when all are split together; " +
    "equal moments of one user keep the order of the file.",
  needsTime: true,
  params: {
    by: oneOf(["user", "all"], {
      default: "user",
      doc: "`user` cuts each user's history, `all` cuts at two moments that hold for everybody.",
    }),
    train: float({ default: 0.8, min: 0, exclusiveMin: true, max: 1, doc: "Share of the earliest interactions." }),
    valid: float({ default: 0.1, min: 0, max: 1, doc: "Share of the interactions after those." }),
    test: float({ default: 0.1, min: 0, max: 1, doc: "Share of the latest interactions." }),
    last: int({
      default: null,
      min: 1,
      doc: "Instead of shares, this many of each user's latest interactions test and as many before them validate; 1 is leave-last-out.",
    }),
    drop_cold: bool({
      default: true,
      doc: "Leave held-out interactions of items and users out that training never saw.",
    }),
  },
  split({ params, table }) {
    const { timestamp } = table;
    if (!timestamp)
      throw new InputError("KDP7008", "time_split needs time stamps, and the data set has none", {
        fix: "name their column: `dataset(…, timestamp: …)`",
      });
    checkRatios(params);
    if (params.by === "all" && params.last !== null) {
      throw new InputError("KDP7107", "`last` counts interactions of a user; it does not go with `by: all`", {
        fix: 'leave `last` out, or say `by: "user"`',
      });
    }
    const parts = new Uint8Array(table.user.length).fill(Part.none);
    if (params.by === "all") splitAll(timestamp, params, parts);
    else splitUsers(table, timestamp, params, parts);
    const notes = swallowed(params, parts);
    if (params.drop_cold) notes.push(...coldNotes(dropCold(table, parts)));
    return { ...rowsOfParts(parts), notes };
  },
});

/** A part that has a share and yet no row: its only moment went to the part after it. */
function swallowed(params: Ratios & { readonly by: string }, parts: Uint8Array): string[] {
  if (params.by !== "all") return [];
  return (["train", "valid", "test"] as const)
    .filter((part) => params[part] > 0 && !parts.includes(Part[part]))
    .map((part) => `${part} is empty: the data have too few moments to cut it off`);
}

/** Sorts rows by time; rows of one moment keep their order. */
const byTime = (timestamp: BigInt64Array) => (a: number, b: number) => {
  const left = timestamp[a] as bigint;
  const right = timestamp[b] as bigint;
  return left < right ? -1 : left > right ? 1 : a - b;
};

function splitUsers(
  table: InteractionTable,
  timestamp: BigInt64Array,
  params: Ratios & { readonly last: number | null },
  parts: Uint8Array,
): void {
  const { offsets, rows } = rowsByUser(table);
  const order = byTime(timestamp);
  for (let user = 0; user < table.users; user++) {
    const own = rows.slice(offsets[user], offsets[user + 1]).sort(order);
    const sizes = params.last === null ? sizesOf(own.length, params) : lastOf(own.length, params.last);
    // What the shares leave over is the oldest.
    const start = own.length - sizes.train - sizes.valid - sizes.test;
    for (let i = start; i < own.length; i++) {
      const fromEnd = own.length - i;
      parts[own[i] as number] =
        fromEnd <= sizes.test ? Part.test : fromEnd <= sizes.test + sizes.valid ? Part.valid : Part.train;
    }
  }
}

/** Users too short for both held-out parts and a training item keep all for training. */
const lastOf = (n: number, last: number) =>
  n < 2 * last + 1 ? { train: n, valid: 0, test: 0 } : { train: n - 2 * last, valid: last, test: last };

function splitAll(timestamp: BigInt64Array, params: Ratios, parts: Uint8Array): void {
  const rows = Int32Array.from({ length: timestamp.length }, (_, row) => row).sort(byTime(timestamp));
  const sizes = sizesOf(rows.length, params);
  const start = rows.length - sizes.train - sizes.valid - sizes.test;
  const validFrom = momentStart(timestamp, rows, rows.length - sizes.test - sizes.valid);
  const testFrom = momentStart(timestamp, rows, rows.length - sizes.test);
  for (let i = start; i < rows.length; i++) {
    parts[rows[i] as number] = i >= testFrom ? Part.test : i >= validFrom ? Part.valid : Part.train;
  }
}

/** First row of the moment that a cut falls into: a moment is not torn, it goes to the later part. */
function momentStart(timestamp: BigInt64Array, rows: Int32Array, cut: number): number {
  let at = cut;
  while (at > 0 && at < rows.length && timestamp[rows[at - 1] as number] === timestamp[rows[at] as number]) at--;
  return at;
}
