import type { Kernels, Tf, TrainableModel } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { constantOf } from "./constant.js";
import { type Groups, groupOfPlace, type Prototypes, prototypesGrad, prototypesOf, sortByGroup } from "./prototypes.js";
import { pushRowGrads, type TopologyEntities, type TopologyRows } from "./topology-rows.js";
import { unitTensor } from "./unit-rows.js";
import type { Workspace } from "./workspace.js";

/** Choices in which the paper and its released code differ. */
export interface TopologyOptions {
  /** `entities`: prototypes against entities (Group(P, e), "second" in the code); `prototypes`: against each other ("first"). */
  readonly group_term: "entities" | "prototypes";
  readonly mask_own_group: boolean;
  readonly positive_only: boolean;
  readonly prototype_grad: boolean;
}

/**
 * HTD's topology terms (Kang et al., KDD 2021) in plain form. With M_ab = 1 for entities of one group:
 *
 * L_ent = Σ_{a,b: M_ab = 1} ( cos(t_a, t_b) - cos(s_a, s_b) )²
 * L_grp = Σ_{g,b} ( cos(P_g^T, t_b) - cos(P_g^S, s_b) )², or Σ_{g,h} ( cos(P_g^T, P_h^T) - cos(P_g^S, P_h^S) )²
 *
 * @param teacher `[n, dT]`
 * @param student `[n, dS]`
 * @param groups one-hot `[n, G]`
 */
export function topologyLoss(
  tf: Tf,
  teacher: Tensor2D,
  student: Tensor2D,
  groups: Tensor2D,
  options: TopologyOptions,
): Scalar {
  const byGroup = tf.transpose(groups) as Tensor2D;
  const cosines = (a: Tensor2D, b: Tensor2D): Tensor2D => tf.matMul(a, tf.transpose(b));
  const t = unitTensor(tf, teacher);
  const s = unitTensor(tf, student);
  const cosT = cosines(t, t);
  const same = cosines(groups, groups);
  const pairs = options.positive_only ? tf.mul(same, tf.cast(tf.greater(cosT, 0), "float32")) : same;
  const entity = tf.sum(tf.mul(pairs, tf.squaredDifference(cosT, cosines(s, s))));

  const sizes = tf.maximum(tf.sum(byGroup, 1, true), 1);
  // A group without members has a zero prototype: all its cosines are 0 on both sides.
  const prototype = (rows: Tensor2D): Tensor2D => unitTensor(tf, tf.div(tf.matMul(byGroup, rows), sizes) as Tensor2D);
  const pT = prototype(teacher);
  const pS = options.prototype_grad ? prototype(student) : constantOf(tf, student, prototype);
  if (options.group_term === "prototypes") {
    return tf.add(entity, tf.sum(tf.squaredDifference(cosines(pT, pT), cosines(pS, pS))));
  }
  const gap = tf.squaredDifference(cosines(pT, t), cosines(pS, s));
  return tf.add(entity, tf.sum(options.mask_own_group ? tf.mul(gap, tf.sub(1, byGroup)) : gap));
}

/**
 * The same by kernels, entities sorted by group so that the entity term walks blocks instead of all pairs. Adds `weight`
 * times the gradient to the student and returns the value.
 * @param groupOf group of each row `[n]`, below `groups`
 */
export function fusedTopology(
  kernels: Kernels,
  workspace: Workspace,
  step: {
    readonly entities: TopologyEntities;
    readonly rows: TopologyRows;
    readonly groupOf: Int32Array;
    readonly groups: number;
    readonly weight: number;
    readonly student: TrainableModel;
  },
  options: TopologyOptions,
): number {
  const { n, parts } = step.entities;
  const side = parts[0]?.side;
  if (!side || n === 0) return 0;
  const { student: dS, teacher: dT } = side;
  const groups = sortByGroup(workspace, step.groupOf, n, step.groups);
  const { count } = groups;
  const own = groupOfPlace(workspace, groups, n);
  const sorted = (name: string, rows: Float32Array, cols: number): Float32Array => {
    const out = workspace.f32(`sorted/${name}`, n * cols);
    kernels.gatherRows(rows, cols, groups.order, n, out);
    return out;
  };
  const unitT = sorted("teacherUnit", step.rows.teacherUnit, dT);
  const unitS = sorted("studentUnit", step.rows.studentUnit, dS);
  const norms = sorted("studentNorms", step.rows.studentNorms, 1);
  const dUnit = workspace.f32("sorted/dUnit", n * dS).fill(0);
  const dSorted = workspace.f32("sorted/dRows", n * dS).fill(0);

  let value = kernels.cosineBlocks({
    teacher: unitT,
    teacherCols: dT,
    student: unitS,
    studentCols: dS,
    offsets: groups.offsets,
    blocks: count,
    positiveOnly: options.positive_only,
    value: true,
    weight: step.weight,
    dStudent: dUnit,
  });

  const pT = prototypesOf(
    kernels,
    workspace,
    "prototypes/teacher",
    own,
    count,
    sorted("teacher", step.rows.teacher, dT),
    dT,
  );
  const pS = prototypesOf(
    kernels,
    workspace,
    "prototypes/student",
    own,
    count,
    sorted("student", step.rows.student, dS),
    dS,
  );
  const dPrototypes = workspace.f32("prototypes/dUnit", count * dS).fill(0);
  value +=
    options.group_term === "prototypes"
      ? amongPrototypes(kernels, workspace, groups, pT, pS, dT, dS, step.weight, dPrototypes)
      : kernels.cosineCross({
          teacherAnchors: pT.unit,
          teacherRows: unitT,
          teacherCols: dT,
          studentAnchors: pS.unit,
          studentRows: unitS,
          studentCols: dS,
          anchors: count,
          rows: n,
          skip: options.mask_own_group ? own : null,
          weight: step.weight,
          dAnchors: options.prototype_grad ? dPrototypes : null,
          dRows: dUnit,
        });
  if (options.prototype_grad) prototypesGrad(kernels, workspace, own, pS, dPrototypes, dS, dSorted);

  kernels.normalizeRowsGrad(unitS, norms, dUnit, dS, n, dSorted);
  const dRows = workspace.f32("topology/dRows", n * dS).fill(0);
  kernels.scatterAddRows(dRows, dS, groups.order, n, dSorted, 1);
  pushRowGrads(step.entities, step.student, dRows);
  return value;
}

/** Prototypes against each other: one block whose rows are the prototypes. */
function amongPrototypes(
  kernels: Kernels,
  workspace: Workspace,
  { count }: Groups,
  teacher: Prototypes,
  student: Prototypes,
  teacherCols: number,
  studentCols: number,
  weight: number,
  dStudent: Float32Array,
): number {
  const offsets = workspace.i32("prototypes/block", 2);
  offsets[0] = 0;
  offsets[1] = count;
  return kernels.cosineBlocks({
    teacher: teacher.unit,
    teacherCols,
    student: student.unit,
    studentCols,
    offsets,
    blocks: 1,
    positiveOnly: false,
    value: true,
    weight,
    dStudent,
  });
}
