import type {
  FittedTables,
  Kernels,
  ModelInstance,
  Parameter,
  RowWiseForm,
  ScoreList,
  Side,
  Tf,
  TrainableModel,
} from "@kdp/plugin-api";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { differentiate } from "./differentiate.js";
import { createWorkspace } from "./workspace.js";

/** Pairs scored at a time: bounds the memory of gathered rows whatever the length of the lists. */
const CHUNK = 1 << 15;

export interface RowWiseOptions {
  readonly tf: Tf;
  readonly kernels: Kernels;
  readonly instance: ModelInstance;
  readonly form: RowWiseForm;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Parameters as the fitted tables they become. */
export const tablesOf = (parameters: Readonly<Record<string, Parameter>>): FittedTables =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { rows, cols, value }]) => [name, { rows, cols, values: value }]),
  );

/** Trains a model by its plain form: rows are gathered, TensorFlow.js differentiates, row gradients are scattered back. */
export function rowWiseModel(options: RowWiseOptions): TrainableModel {
  const { tf, kernels, instance, form, parameters } = options;
  const workspace = createWorkspace(kernels);
  const table = (side: Side): Parameter => {
    const found = parameters[form.tables[side]];
    if (!found) throw new Error(`the row-wise form names the table "${form.tables[side]}", which is not a parameter`);
    return found;
  };
  const tables = { user: table("user"), item: table("item") };
  const dense = Object.values(parameters).filter((p) => p !== tables.user && p !== tables.item);
  const span = (side: Side): readonly [number, number] => form.representation?.[side] ?? [0, tables[side].cols];

  /** Rows of a table as an input, and where their gradient goes. */
  interface Gathered {
    readonly side: Side;
    readonly ids: Int32Array;
    readonly values: Float32Array;
  }
  const gather = (name: string, side: Side, ids: Int32Array): Gathered => {
    const { value, cols } = tables[side];
    const values = workspace.f32(name, ids.length * cols);
    kernels.gatherRows(value, cols, ids, ids.length, values);
    return { side, ids, values };
  };
  const rowTensor = ({ side, ids, values }: Gathered) => tf.tensor2d(values, [ids.length, tables[side].cols]);
  const denseTensors = () => dense.map(({ rows, cols, value }) => tf.tensor2d(value, [rows, cols]));
  const named = (tensors: readonly Tensor[]) =>
    Object.fromEntries(dense.map(({ name }, i) => [name, tensors[i] as Tensor]));

  function scatter(gathered: readonly Gathered[], grads: readonly (Float32Array | null)[], scale: number): void {
    gathered.forEach(({ side, ids }, i) => {
      const grad = grads[i];
      if (!grad) return;
      const { grad: total, cols } = tables[side];
      const rows = workspace.f32("row gradient", grad.length);
      rows.set(grad);
      kernels.scatterAddRows(total, cols, ids, ids.length, rows, scale);
    });
    dense.forEach(({ grad: total }, i) => {
      const grad = grads[gathered.length + i];
      if (!grad) return;
      for (let j = 0; j < grad.length; j++) total[j] = (total[j] as number) + scale * (grad[j] as number);
    });
  }

  /** Calls `body` with the rows of both sides for each stretch of a list's pairs. */
  function eachChunk(list: ScoreList, body: (user: Gathered, item: Gathered, from: number, to: number) => void): void {
    const pairs = list.rows * list.k;
    for (let from = 0; from < pairs; from += CHUNK) {
      const to = Math.min(pairs, from + CHUNK);
      const own = workspace.i32("pair ids", to - from);
      const other = workspace.i32("pair others", to - from);
      for (let pair = from; pair < to; pair++) {
        own[pair - from] = list.ids[Math.floor(pair / list.k)] as number;
        other[pair - from] = list.others[pair] as number;
      }
      const [users, items] = list.side === "user" ? [own, other] : [other, own];
      body(gather("user", "user", users), gather("item", "item", items), from, to);
    }
  }

  const score = (xs: readonly Tensor[]): Tensor1D =>
    form.scores({ tf, user: xs[0] as Tensor2D, item: xs[1] as Tensor2D, dense: named(xs.slice(2)) });

  return {
    width: { user: span("user")[1] - span("user")[0], item: span("item")[1] - span("item")[0] },
    baseLoss(batch, weight) {
      const gathered = [
        gather("user", "user", batch.users),
        gather("positive", "item", batch.positives),
        gather("negative", "item", batch.negatives),
      ];
      const { value, grads } = differentiate(tf, {
        inputs: () => [...gathered.map(rowTensor), ...denseTensors()],
        f: (xs) =>
          form.baseLoss({
            tf,
            user: xs[0] as Tensor2D,
            positive: xs[1] as Tensor2D,
            negative: xs[2] as Tensor2D,
            dense: named(xs.slice(3)),
          }),
      });
      scatter(gathered, grads, weight);
      return value[0] ?? Number.NaN;
    },
    rows(side, ids, n, out) {
      eachCell(span(side), ids, n, (row, column, at) => {
        out[at] = tables[side].value[row * tables[side].cols + column] as number;
      });
    },
    addRowGrads(side, ids, n, grads) {
      const { grad, cols } = tables[side];
      eachCell(span(side), ids, n, (row, column, at) => {
        grad[row * cols + column] = (grad[row * cols + column] as number) + (grads[at] as number);
      });
    },
    scores(list, out) {
      eachChunk(list, (user, item, from) => {
        tf.tidy(() => {
          out.set(score([rowTensor(user), rowTensor(item), ...denseTensors()]).dataSync<"float32">(), from);
        });
      });
    },
    addScoreGrads(list, grads) {
      eachChunk(list, (user, item, from, to) => {
        const { grads: found } = differentiate(tf, {
          inputs: () => [rowTensor(user), rowTensor(item), ...denseTensors()],
          f: score,
          dy: () => tf.tensor1d(grads.slice(from, to)),
        });
        scatter([user, item], found, 1);
      });
    },
    scorer: () => instance.scorer(tablesOf(parameters)),
  };
}

/** Visits the representation's columns of the listed rows; `at` counts along the gathered rows. */
function eachCell(
  [from, to]: readonly [number, number],
  ids: Int32Array,
  n: number,
  visit: (row: number, column: number, at: number) => void,
): void {
  let at = 0;
  for (let r = 0; r < n; r++) {
    const row = ids[r] as number;
    for (let column = from; column < to; column++) visit(row, column, at++);
  }
}
