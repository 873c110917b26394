import type { Batch } from "../batch.js";
import type { Interactions } from "../interactions.js";
import type { RankingTable, TeacherView } from "../loss.js";
import type { RandomStream } from "../random.js";
import type { Side } from "../views.js";
import { testStream } from "./test-streams.js";

/** A small recommender problem with a teacher that shows every view. */
export interface SampleWorld {
  readonly users: number;
  readonly items: number;
  readonly train: Interactions;
  /** The first of {@link teachers}. */
  readonly teacher: TeacherView;
  /** Two teachers of one train part. */
  readonly teachers: readonly TeacherView[];
  /** A step over random triplets of the train interactions; `order` permutes them and changes nothing else. */
  batch(size: number, epoch?: number, order?: RandomStream): Batch;
}

export interface WorldOptions {
  readonly users?: number;
  readonly items?: number;
  /** Width of the teacher's representations. */
  readonly cols?: number;
  /** Train items of each user: from one to twice this number. */
  readonly perUser?: number;
  /** Length of the teacher's rankings; rows are shorter where fewer entities are left. */
  readonly ranking?: number;
  readonly snapshots?: number;
  readonly seed?: number;
}

const ascending = (values: Iterable<number>): Int32Array => Int32Array.from([...new Set(values)].sort((a, b) => a - b));

/** A batch of aligned triplets with its distinct entities. */
export function batchOf(
  triplets: readonly (readonly [user: number, positive: number, negative: number])[],
  epoch = 0,
): Batch {
  const column = (c: 0 | 1 | 2) => triplets.map((t) => t[c]);
  return {
    epoch,
    step: 0,
    size: triplets.length,
    users: Int32Array.from(column(0)),
    positives: Int32Array.from(column(1)),
    negatives: Int32Array.from(column(2)),
    uniqueUsers: ascending(column(0)),
    uniquePositives: ascending(column(1)),
    uniqueNegatives: ascending(column(2)),
    uniqueItems: ascending([...column(1), ...column(2)]),
  };
}

function rankingOf(rows: number, others: number, k: number, score: (r: number, o: number) => number): RankingTable {
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY);
  for (let r = 0; r < rows; r++) {
    Array.from({ length: others }, (_, o) => [o, score(r, o)] as const)
      .filter(([, s]) => s > Number.NEGATIVE_INFINITY)
      .sort(([a, sa], [b, sb]) => sb - sa || a - b)
      .slice(0, k)
      .forEach(([o, s], at) => {
        ids[r * k + at] = o;
        scores[r * k + at] = s;
      });
  }
  return { rows, k, ids, scores };
}

/** Draws a world; the same options give the same world. */
export function sampleWorld(options: WorldOptions = {}): SampleWorld {
  const { users = 12, items = 40, cols = 6, perUser = 4, ranking = 20, snapshots = 4, seed = 0 } = options;
  const stream = testStream(`world/${seed}`);
  const known = Array.from({ length: users }, () => {
    const chosen = new Set<number>();
    const count = Math.min(1 + stream.below(2 * perUser), items - 1);
    while (chosen.size < count) chosen.add(stream.below(items));
    return chosen;
  });
  const lists = known.map(ascending);
  const offsets = new Int32Array(users + 1);
  lists.forEach((list, u) => {
    offsets[u + 1] = (offsets[u] as number) + list.length;
  });
  const train: Interactions = { users, items, offsets, itemIds: Int32Array.from(lists.flatMap((l) => [...l])) };

  const unseen: Unseen = (u, i) => known[u]?.has(i) !== true;
  const teachers = ["teacher", "second"].map((name) =>
    sampleTeacher({ name, users, items, cols, ranking, snapshots }, unseen, stream),
  ) as [TeacherView, TeacherView];
  return {
    users,
    items,
    train,
    teacher: teachers[0],
    teachers,
    batch(size, epoch = 0, order) {
      const draw = testStream(`batch/${seed}/${size}/${epoch}`);
      const triplets = Array.from({ length: size }, () => {
        const u = draw.below(users);
        const list = lists[u] as Int32Array;
        let j = draw.below(items);
        while (known[u]?.has(j)) j = draw.below(items);
        return [u, list[draw.below(list.length)] as number, j] as const;
      });
      if (order) {
        const places = Int32Array.from(triplets.keys());
        order.shuffle(places);
        return batchOf(
          [...places].map((p) => triplets[p] as (typeof triplets)[number]),
          epoch,
        );
      }
      return batchOf(triplets, epoch);
    },
  };
}

/** Whether a user has not interacted with an item in train. */
type Unseen = (user: number, item: number) => boolean;

/** A teacher by inner products of random representations, with every view. */
function sampleTeacher(
  size: Required<Pick<WorldOptions, "users" | "items" | "cols" | "ranking" | "snapshots">> & { readonly name: string },
  unseen: Unseen,
  stream: RandomStream,
): TeacherView {
  const { name, users, items, cols, ranking, snapshots } = size;
  const table = (rows: number) => {
    const values = new Float32Array(rows * cols);
    stream.fillNormal(values, 1);
    return { cols, values };
  };
  const embeddings = { user: table(users), item: table(items) } satisfies Record<Side, unknown>;
  const dot = (u: number, i: number): number => {
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      sum += (embeddings.user.values[u * cols + c] as number) * (embeddings.item.values[i * cols + c] as number);
    }
    return sum;
  };
  const score = (u: number, i: number) => (unseen(u, i) ? dot(u, i) : Number.NEGATIVE_INFINITY);
  return {
    name,
    ranking: rankingOf(users, items, ranking, score),
    itemRanking: rankingOf(items, users, ranking, (i, u) => score(u, i)),
    scores(list, out) {
      for (let at = 0; at < list.rows * list.k; at++) {
        const own = list.ids[Math.floor(at / list.k)] as number;
        const other = list.others[at] as number;
        if (other < 0) out[at] = Number.NEGATIVE_INFINITY;
        else out[at] = list.side === "user" ? dot(own, other) : dot(other, own);
      }
    },
    embeddings,
    // Early snapshots rank by noise, the last by the teacher itself.
    trajectory: Array.from({ length: snapshots }, (_, s) => {
      const noise = new Float32Array(users * items);
      stream.fillNormal(noise, 2 * (1 - (s + 1) / snapshots));
      return rankingOf(users, items, ranking, (u, i) => score(u, i) + (noise[u * items + i] as number));
    }),
  };
}
