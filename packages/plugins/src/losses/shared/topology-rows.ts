import { type Batch, InputError, type Kernels, type Side, type TensorIO, type TrainableModel } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { type LatentSide, withTeacherRow } from "./latent-sides.js";
import { unitRows } from "./unit-rows.js";
import type { Workspace } from "./workspace.js";

/** The entities of a step in the order of their rows: the first side's, then the second's. */
export interface TopologyEntities {
  readonly n: number;
  readonly parts: readonly { readonly side: LatentSide; readonly ids: Int32Array; readonly from: number }[];
  /** What the loss asks the engine for. */
  readonly rows: Partial<Readonly<Record<Side, Int32Array>>>;
}

/** Distinct users, and distinct items of positives and negatives together; all in kernel memory, as a student wants them. */
export function topologyEntities(sides: readonly LatentSide[], batch: Batch, workspace: Workspace): TopologyEntities {
  let n = 0;
  const parts = sides.map((side) => {
    const all = side.side === "user" ? batch.uniqueUsers : batch.uniqueItems;
    const known = withTeacherRow(side, all);
    const ids = known === all ? all : workspace.i32(`topology/${side.side}/known`, known.length);
    if (ids !== all) ids.set(known);
    const part = { side, ids, from: n };
    n += ids.length;
    return part;
  });
  return { n, parts, rows: Object.fromEntries(parts.map(({ side, ids }) => [side.side, ids])) };
}

/**
 * Cosines between users and items need both in one space.
 * @throws InputError KDP7206 when teacher or student has users and items of different width
 */
export function requireOneSpace(sides: readonly LatentSide[]): void {
  const [a, b] = sides;
  if (!a || !b || (a.student === b.student && a.teacher === b.teacher)) return;
  const who = a.teacher === b.teacher ? "the student" : "the teacher";
  throw new InputError("KDP7206", `${who} has users and items in spaces of different width`, {
    fix: "topology compares users with items: use a model whose users and items share one space",
  });
}

/** All rows of one of the two in tensor form, `[n, cols]`. */
export function stackRows(
  tf: TensorIO["tf"],
  entities: TopologyEntities,
  rows: Partial<Readonly<Record<Side, Tensor2D>>>,
): Tensor2D {
  return tf.concat(
    entities.parts.filter(({ ids }) => ids.length > 0).map(({ side }) => rows[side.side] as Tensor2D),
    0,
  );
}

/** Rows of a step in kernel memory, raw and of unit length. */
export interface TopologyRows {
  /** `[n, dT]`; empty where {@link teacherTables} kept no raw rows. */
  readonly teacher: Float32Array;
  readonly teacherUnit: Float32Array;
  /** `[n, dS]` */
  readonly student: Float32Array;
  readonly studentUnit: Float32Array;
  /** `[n]` */
  readonly studentNorms: Float32Array;
}

/** A side's teacher rows in kernel memory, raw and of unit length, `[entities, dT]`: they never change. */
export interface TeacherTables {
  readonly raw: Float32Array | null;
  readonly unit: Float32Array;
}

/** @param options.raw keep the rows as they are beside those of unit length */
export function teacherTables(
  kernels: Kernels,
  sides: readonly LatentSide[],
  options: { readonly raw: boolean },
): readonly TeacherTables[] {
  return sides.map(({ table, teacher }) => {
    const unit = kernels.f32(table.length);
    // The teacher's rows often lie in the kernels' memory already.
    const isThere = table.buffer === unit.buffer;
    const raw = isThere ? table : kernels.f32From(table);
    const n = table.length / teacher;
    const norms = kernels.f32(n);
    unitRows(kernels, raw, teacher, n, unit, norms);
    kernels.free(norms);
    if (options.raw) return { raw, unit };
    if (!isThere) kernels.free(raw);
    return { raw: null, unit };
  });
}

/** Gathers and normalises the rows of a step. */
export function gatherTopologyRows(
  kernels: Kernels,
  workspace: Workspace,
  tables: readonly TeacherTables[],
  { n, parts }: TopologyEntities,
  model: TrainableModel,
): TopologyRows {
  const [first] = parts;
  if (!first) throw new Error("a topology loss without a side");
  const { student: dS, teacher: dT } = first.side;
  const rows = {
    teacher: workspace.f32("topology/teacher", tables[0]?.raw ? n * dT : 0),
    teacherUnit: workspace.f32("topology/teacherUnit", n * dT),
    student: workspace.f32("topology/student", n * dS),
    studentUnit: workspace.f32("topology/studentUnit", n * dS),
    studentNorms: workspace.f32("topology/studentNorms", n),
  };
  parts.forEach(({ side, ids, from }, place) => {
    const { raw, unit } = tables[place]!;
    const end = from + ids.length;
    if (raw) kernels.gatherRows(raw, dT, ids, ids.length, rows.teacher.subarray(from * dT, end * dT));
    kernels.gatherRows(unit, dT, ids, ids.length, rows.teacherUnit.subarray(from * dT, end * dT));
    model.rows(side.side, ids, ids.length, rows.student.subarray(from * dS, end * dS));
  });
  unitRows(kernels, rows.student, dS, n, rows.studentUnit, rows.studentNorms);
  return rows;
}

/** Hands gradients of rows `[n, dS]` to the student. */
export function pushRowGrads({ parts }: TopologyEntities, model: TrainableModel, grads: Float32Array): void {
  for (const { side, ids, from } of parts) {
    const dS = side.student;
    model.addRowGrads(side.side, ids, ids.length, grads.subarray(from * dS, (from + ids.length) * dS));
  }
}
