import type { Batch, Kernels, ScoreList, Side, StepRequest, TeacherView, Tf, TrainableModel } from "@kdp/plugin-api";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { differentiate } from "./differentiate.js";
import type { BoundLoss, Term } from "./term.js";
import { createWorkspace, type Workspace } from "./workspace.js";

const SIDES: readonly Side[] = ["user", "item"];
/** Name of the list that stands for {@link StepRequest.allScores}; plugins' names cannot begin with a space. */
const ALL = " all";

/** Something that the loss reads and that takes a gradient. */
interface Slot {
  readonly shape: readonly [number, number];
  readonly values: Float32Array;
  /** Adds a gradient that is already weighted. In kernel memory. */
  add(grad: Float32Array): void;
}

/**
 * The plain form of a loss on gathered rows: gather, `loss` in TensorFlow.js, differentiate, send the
 * gradients of rows and scores on through the student.
 */
export function tensorTerm(tf: Tf, kernels: Kernels, loss: BoundLoss, items: number): Term {
  const workspace = createWorkspace(kernels);
  const gather = gatherer(kernels, workspace);
  return {
    loss,
    run(batch, student) {
      const request = loss.instance.request(batch);
      const rows = rowSlots(request, student, workspace);
      const scores = scoreSlots(request, student, workspace, items);
      const state = stateSlots(loss);
      const slots = [...rows.values(), ...scores.values(), ...state.values()];
      const { value, grads } = differentiate(tf, {
        inputs: () => slots.map((slot) => tf.tensor2d(slot.values, [...slot.shape])),
        f: (inputs) => evaluate(tf, { loss, batch, request, rows, scores, state, gather }, inputs),
        dy: () => tf.scalar(loss.weight),
      });
      grads.forEach((grad, i) => {
        const slot = slots[i];
        if (!slot || !grad) return;
        const copy = workspace.f32("gradient", grad.length);
        copy.set(grad);
        slot.add(copy);
      });
      return value[0] ?? Number.NaN;
    },
  };
}

function evaluate(
  tf: Tf,
  step: {
    readonly loss: BoundLoss;
    readonly batch: Batch;
    readonly request: StepRequest;
    readonly rows: ReadonlyMap<Side, Slot>;
    readonly scores: ReadonlyMap<string, Slot>;
    readonly state: ReadonlyMap<string, Slot>;
    readonly gather: Gather;
  },
  inputs: readonly Tensor[],
): Scalar {
  let next = 0;
  const take = <K extends string>(slots: ReadonlyMap<K, Slot>) =>
    Object.fromEntries([...slots.keys()].map((key) => [key, inputs[next++] as Tensor2D])) as Record<K, Tensor2D>;
  const student = take(step.rows);
  const { [ALL]: allScores, ...scores } = take(step.scores);
  return step.loss.instance.loss({
    tf,
    batch: step.batch,
    student,
    teachers: step.loss.teachers.map((teacher) => teacherRows(tf, teacher, step.request, step.gather)),
    scores,
    ...(allScores ? { allScores } : {}),
    state: take(step.state),
  });
}

function rowSlots(request: StepRequest, student: TrainableModel, workspace: Workspace): Map<Side, Slot> {
  const slots = new Map<Side, Slot>();
  for (const side of SIDES) {
    const wanted = request.rows?.[side];
    if (!wanted) continue;
    const width = student.width[side];
    const ids = workspace.ids(`rows/${side}`, wanted);
    const values = workspace.f32(`rows/${side}`, ids.length * width);
    student.rows(side, ids, ids.length, values);
    slots.set(side, {
      shape: [ids.length, width],
      values,
      add: (grad) => student.addRowGrads(side, ids, ids.length, grad),
    });
  }
  return slots;
}

function scoreSlots(
  request: StepRequest,
  student: TrainableModel,
  workspace: Workspace,
  items: number,
): Map<string, Slot> {
  const lists: [string, ScoreList][] = Object.entries(request.scores ?? {});
  if (request.allScores) lists.push([ALL, everyItem(request.allScores, items, workspace)]);
  return new Map(
    lists.map(([name, wanted]): [string, Slot] => {
      const list: ScoreList = {
        ...wanted,
        ids: workspace.ids(`ids/${name}`, wanted.ids),
        others: workspace.ids(`others/${name}`, wanted.others),
      };
      const values = workspace.f32(`scores/${name}`, list.rows * list.k);
      student.scores(list, values);
      return [name, { shape: [list.rows, list.k], values, add: (grad) => student.addScoreGrads(list, grad) }];
    }),
  );
}

/** The users' scores of every item, as lists. */
function everyItem(users: Int32Array, items: number, workspace: Workspace): ScoreList {
  const others = workspace.i32("every item", users.length * items);
  for (let i = 0; i < others.length; i++) others[i] = i % items;
  return { side: "user", ids: users, others, rows: users.length, k: items };
}

function stateSlots(loss: BoundLoss): Map<string, Slot> {
  return new Map(
    Object.entries(loss.state).map(([name, { rows, cols, value, grad: total }]): [string, Slot] => [
      name,
      {
        shape: [rows, cols],
        values: value,
        add(grad) {
          for (let i = 0; i < grad.length; i++) total[i] = (total[i] as number) + (grad[i] as number);
        },
      },
    ]),
  );
}

/** The teacher's rows of the requested entities, gathered; they take no gradient. */
function teacherRows(tf: Tf, { embeddings }: TeacherView, request: StepRequest, gather: Gather) {
  const rows: Partial<Record<Side, Tensor2D>> = {};
  for (const side of SIDES) {
    const ids = request.rows?.[side];
    const table = embeddings?.[side];
    if (!ids || !table) continue;
    rows[side] = tf.tensor2d(gather(table, ids), [ids.length, table.cols]);
  }
  return rows;
}

type EmbeddingTable = NonNullable<NonNullable<TeacherView["embeddings"]>[Side]>;

/** Rows of a table, until the next call. */
type Gather = (table: EmbeddingTable, ids: Int32Array) => Float32Array;

function gatherer(kernels: Kernels, workspace: Workspace): Gather {
  const known = new Map<EmbeddingTable, boolean>();
  /** Tables of a teacher mostly lie in the kernels' memory, but need not; only the kernels can tell. */
  const isThere = (table: EmbeddingTable): boolean => {
    const found = known.get(table);
    if (found !== undefined) return found;
    let there = true;
    try {
      kernels.gatherRows(table.values, table.cols, workspace.i32("no ids", 0), 0, workspace.f32("no rows", 0));
    } catch {
      there = false;
    }
    known.set(table, there);
    return there;
  };
  return (table, ids) => {
    const { cols, values } = table;
    const rows = workspace.f32("teacher rows", ids.length * cols);
    if (isThere(table)) {
      kernels.gatherRows(values, cols, workspace.ids("teacher ids", ids), ids.length, rows);
    } else {
      ids.forEach((id, row) => {
        rows.set(values.subarray(id * cols, (id + 1) * cols), row * cols);
      });
    }
    return rows;
  };
}
