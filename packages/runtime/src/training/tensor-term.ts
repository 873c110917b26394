import type { Batch, Kernels, ScoreList, Side, StepRequest, Tf, TrainableModel } from "@kdp/plugin-api";
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
        f: (inputs) => evaluate(tf, { loss, batch, request, rows, scores, state }, inputs),
      });
      grads.forEach((grad, i) => {
        const slot = slots[i];
        if (slot && grad) slot.add(weighted(grad, loss.weight, workspace));
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
    teachers: step.loss.teachers.map((teacher) => teacherRows(tf, teacher, step.request)),
    scores,
    ...(allScores ? { allScores } : {}),
    state: take(step.state),
  });
}

function weighted(grad: Float32Array, weight: number, workspace: Workspace): Float32Array {
  const out = workspace.f32("gradient", grad.length);
  for (let i = 0; i < grad.length; i++) out[i] = (grad[i] as number) * weight;
  return out;
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
function teacherRows(tf: Tf, teacher: BoundLoss["teachers"][number], request: StepRequest) {
  const rows: Partial<Record<Side, Tensor2D>> = {};
  for (const side of SIDES) {
    const ids = request.rows?.[side];
    const table = teacher.embeddings?.[side];
    if (!ids || !table) continue;
    const { cols, values } = table;
    const gathered = new Float32Array(ids.length * cols);
    ids.forEach((id, row) => {
      gathered.set(values.subarray(id * cols, (id + 1) * cols), row * cols);
    });
    rows[side] = tf.tensor2d(gathered, [ids.length, cols]);
  }
  return rows;
}
