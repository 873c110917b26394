import type * as tfc from "@tensorflow/tfjs-core";
import type { Batch } from "../batch.js";
import type { Kernels } from "../kernels.js";
import type {
  LossContext,
  LossDefinition,
  LossInstance,
  StepRequest,
  StudentView,
  TeacherView,
  TensorIO,
} from "../loss.js";
import type { ScoreList, Tf } from "../model.js";
import type { Parameter } from "../parameters.js";
import type { Streams } from "../random.js";
import type { Side } from "../views.js";
import { initialise } from "./initialise.js";
import { KernelBatch } from "./kernel-batch.js";
import { type ReferenceStudent, referenceStudent } from "./reference-student.js";
import { resolveParams } from "./resolve-params.js";
import type { SampleWorld } from "./sample-world.js";
import { testStream, testStreams } from "./test-streams.js";

/** Value of a loss and its gradients: `user` and `item` tables of the student, then the loss's own parameters by name. */
export interface Outcome {
  readonly value: number | null;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** A loss bound to a small student, evaluated one step at a time in each of its forms. */
export interface LossTrial {
  readonly instance: LossInstance;
  readonly student: ReferenceStudent;
  readonly state: Readonly<Record<string, Parameter>>;
  /** Lines that the loss wrote for the report. */
  readonly notes: readonly string[];
  startEpoch(epoch: number): void;
  /** An epoch of a single step, as far as its request: negatives are the loss's own, where it draws any. */
  runStep(batch: Batch, epoch: number): StepRequest;
  /** Asks for the request of a step; {@link plain} and {@link fused} then belong to it, as often as called. */
  step(batch: Batch): StepRequest;
  /** The TensorFlow.js form, differentiated. */
  plain(): Outcome;
  /** The TensorFlow.js form under the present values, without gradient. */
  value(): number;
  /** The kernel form of the CPU device, or null where the loss has none. */
  fused(weight?: number): Outcome | null;
}

export interface TrialOptions {
  readonly tf: Tf;
  readonly kernels: Kernels;
  readonly loss: LossDefinition;
  readonly world: SampleWorld;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly teachers?: LossContext<unknown>["teachers"];
  /** Student tables; default random, width 3. */
  readonly student?: { readonly user: ArrayLike<number>; readonly item: ArrayLike<number>; readonly cols: number };
  readonly learner?: NonNullable<LossContext<unknown>["learner"]>;
  readonly epochs?: number;
  readonly seed?: number | string;
  /** In place of the streams that {@link seed} names. */
  readonly streams?: Streams;
}

function randomTables(world: SampleWorld, cols: number): { user: Float32Array; item: Float32Array; cols: number } {
  const stream = testStream("student");
  const user = new Float32Array(world.users * cols);
  const item = new Float32Array(world.items * cols);
  stream.fillNormal(user, 0.7);
  stream.fillNormal(item, 0.7);
  return { user, item, cols };
}

/**
 * The view with a buffer of its own, as the engine's has: a loss that calls it inside
 * `kernels.scope` has the buffer freed under it, and fails here as it would there.
 */
function allocatingView(view: StudentView, kernels: Kernels): StudentView {
  let buffer: Float32Array | null = null;
  return {
    ...view,
    scores(list, out) {
      const wanted = list.rows * list.k;
      if (buffer) kernels.free(buffer);
      buffer = kernels.f32(wanted);
      view.scores(list, buffer);
      out.set(buffer);
    },
  };
}

/** The teacher with its representations where the engine keeps them. */
function inKernelMemory(teacher: TeacherView, kernels: Kernels): TeacherView {
  if (!teacher.embeddings) return teacher;
  const { user, item } = teacher.embeddings;
  const copy = (table: typeof user) => table && { cols: table.cols, values: kernels.f32From(table.values) };
  return { ...teacher, embeddings: { user: copy(user), item: copy(item) } };
}

/** Binds a loss to a student and a world. */
export function lossTrial(options: TrialOptions): LossTrial {
  const { tf, kernels, loss, world } = options;
  const student = referenceStudent(kernels, options.student ?? randomTables(world, 3));
  const given = options.teachers ?? (loss.teachers === "many" ? world.teachers : [world.teacher]);
  const teachers = given.map((teacher) => inKernelMemory(teacher, kernels));
  const notes: string[] = [];
  const instance = loss.create({
    params: resolveParams(loss.params, options.params ?? {}),
    users: world.users,
    items: world.items,
    train: world.train,
    teachers,
    width: student.width,
    streams: options.streams ?? testStreams(options.seed ?? 0),
    kernels,
    epochs: options.epochs ?? 10,
    note: (text) => notes.push(text),
    ...(options.learner ? { learner: options.learner } : {}),
  } as Parameters<LossDefinition["create"]>[0]);
  const init = testStream("state");
  const state = Object.fromEntries((instance.state ?? []).map((spec) => [spec.name, initialise(spec, kernels, init)]));
  const view = allocatingView(student.view(world.train), kernels);
  const names = ["user", "item", ...Object.keys(state)];
  const { cols } = student.tables;
  let current: { batch: KernelBatch; request: StepRequest } | null = null;

  const tableOf = (name: string): { rows: number; cols: number; value: Float32Array } =>
    name === "user"
      ? { rows: world.users, cols, value: student.tables.user }
      : name === "item"
        ? { rows: world.items, cols, value: student.tables.item }
        : (state[name] as Parameter);

  /** The loss as a function of whole tables, so that one gradient covers every way it reads them. */
  function evaluate(user: tfc.Tensor2D, item: tfc.Tensor2D, own: readonly tfc.Tensor2D[]): tfc.Scalar {
    if (!current) throw new Error("call step(batch) first");
    const { batch, request } = current;
    const rowsOf = (side: Side, ids: Int32Array) =>
      tf.gather(side === "user" ? user : item, tf.tensor1d(ids, "int32")) as tfc.Tensor2D;
    const scoresOf = (list: ScoreList) => {
      const own = rowsOf(list.side, list.ids.subarray(0, list.rows));
      const others = rowsOf(list.side === "user" ? "item" : "user", list.others.subarray(0, list.rows * list.k));
      const product = tf.mul(tf.reshape(own, [list.rows, 1, cols]), tf.reshape(others, [list.rows, list.k, cols]));
      return tf.sum(product, 2) as tfc.Tensor2D;
    };
    const sides = Object.entries(request.rows ?? {}) as [Side, Int32Array][];
    const teacherRows = teachers.map((teacher) =>
      Object.fromEntries(
        sides.flatMap(([side, ids]) => {
          const table = teacher.embeddings?.[side];
          if (!table) return [];
          const all = tf.tensor2d(table.values, [table.values.length / table.cols, table.cols]);
          return [[side, tf.gather(all, tf.tensor1d(ids, "int32"))]];
        }),
      ),
    );
    const io: TensorIO = {
      tf,
      batch,
      student: Object.fromEntries(sides.map(([side, ids]) => [side, rowsOf(side, ids)])),
      teachers: teacherRows,
      scores: Object.fromEntries(Object.entries(request.scores ?? {}).map(([name, list]) => [name, scoresOf(list)])),
      ...(request.allScores
        ? { allScores: tf.matMul(rowsOf("user", request.allScores), item, false, true) as tfc.Tensor2D }
        : {}),
      state: Object.fromEntries(Object.keys(state).map((name, i) => [name, own[i] as tfc.Tensor2D])),
    };
    return instance.loss(io);
  }

  const tensors = () =>
    names.map((name) => {
      const { rows, cols, value } = tableOf(name);
      // A copy: tensors must not change under the tape when a test perturbs the tables.
      return tf.tensor2d(value.slice(), [rows, cols]);
    });

  return {
    instance,
    student,
    state,
    notes,
    startEpoch: (epoch) => instance.startEpoch?.(epoch, view),
    runStep(batch, epoch) {
      instance.startEpoch?.(epoch, view);
      const negatives = batch.negatives.slice();
      instance.drawNegatives?.(batch.users, negatives);
      return this.step({ ...batch, epoch, negatives });
    },
    step(batch) {
      current?.batch.free();
      const inKernels = new KernelBatch(kernels, batch);
      current = { batch: inKernels, request: instance.request(inKernels) };
      return current.request;
    },
    plain: () =>
      tf.tidy(() => {
        const inputs = tensors();
        const [user, item, ...own] = inputs as [tfc.Tensor2D, tfc.Tensor2D, ...tfc.Tensor2D[]];
        // The engine's own entry allows inputs that the loss does not read; their gradient is zero.
        const { value, grads } = tf.engine().gradients(() => evaluate(user, item, own), inputs, undefined, true);
        return {
          value: value.dataSync()[0] as number,
          gradients: Object.fromEntries(
            names.map((name, i) => [
              name,
              (grads[i] ?? tf.zerosLike(inputs[i] as tfc.Tensor)).dataSync().slice() as Float32Array,
            ]),
          ),
        };
      }),
    value: () =>
      tf.tidy(() => {
        const [user, item, ...own] = tensors() as [tfc.Tensor2D, tfc.Tensor2D, ...tfc.Tensor2D[]];
        return evaluate(user, item, own).dataSync()[0] as number;
      }),
    fused(weight = 1) {
      if (!instance.fused?.cpu) return null;
      if (!current) throw new Error("call step(batch) first");
      student.clearGradients();
      for (const parameter of Object.values(state)) parameter.grad.fill(0);
      const value = instance.fused.cpu({ batch: current.batch, student, state, weight });
      const gradients: Record<string, Float32Array> = {
        user: student.tables.dUser.slice(),
        item: student.tables.dItem.slice(),
      };
      for (const [name, parameter] of Object.entries(state)) gradients[name] = parameter.grad.slice();
      return { value, gradients };
    },
  };
}
