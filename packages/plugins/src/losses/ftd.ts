import { defineLoss, float, type LossInstance } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { latentSides } from "./shared/latent-sides.js";
import {
  gatherTopologyRows,
  pushRowGrads,
  requireOneSpace,
  stackRows,
  type TopologyEntities,
  teacherTables,
  topologyEntities,
} from "./shared/topology-rows.js";
import { unitTensor } from "./shared/unit-rows.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "Topology Distillation (Kang et al., KDD 2021), published code";

/** Steps between values: the gradient does not need the teacher's own Gram matrix, which is most of a value's cost. */
const VALUE_EVERY = 10;

/**
 * Full Topology Distillation (Kang et al., KDD 2021): the student reproduces the cosines between all entities of a step, users
 * and items alike.
 *
 * L_FTD = Σ_{a,b} ( cos(t_a, t_b) - cos(s_a, s_b) )² over all ordered pairs of the step's distinct users and items.
 * Student rows `[n, dS]`, teacher rows `[n, dT]`. Both forms use the equal Σ (T̂T̂ᵀ - ŜŜᵀ)² = ‖T̂ᵀT̂‖² - 2‖T̂ᵀŜ‖² + ‖ŜᵀŜ‖² with
 * unit rows: O(n dT dS) instead of O(n² dT).
 */
export const ftd = defineLoss({
  doc: "Full Topology Distillation (KDD 2021): the cosines between all users and items of a step, as the teacher has them.",
  needs: ["embeddings"],
  teachers: "one",
  studentNeeds: ["embeddings"],
  // The teacher's rows at length one.
  memory: {
    bytes: [
      ["users", "teacher_width", 4],
      ["items", "teacher_width", 4],
    ],
  },
  params: {
    weight: float({
      default: 1e-3,
      min: 0,
      doc: "λ, factor of the loss, which is a sum over pairs of entities.",
      source: SOURCE,
    }),
  },

  create({ teachers, width, kernels, note }): LossInstance {
    const sides = latentSides({ teachers, width, note });
    requireOneSpace(sides);
    const workspace = createWorkspace(kernels);
    const tables = teacherTables(kernels, sides, { raw: false });
    const { student: dS, teacher: dT } = sides[0];
    const block = kernels.i32(2);
    let entities: TopologyEntities = { n: 0, parts: [], rows: {} };
    let steps = 0;

    return {
      request(batch) {
        entities = topologyEntities(sides, batch, workspace);
        steps++;
        return { rows: entities.rows };
      },

      loss({ tf, student, teachers }): Scalar {
        if (entities.n === 0) return tf.scalar(0);
        const t = unitTensor(tf, stackRows(tf, entities, teachers[0] ?? {}));
        const s = unitTensor(tf, stackRows(tf, entities, student));
        const norm = (a: Tensor2D, b: Tensor2D): Scalar => tf.sum(tf.square(tf.matMul(a, b, true)));
        return tf.add(tf.sub(norm(t, t), tf.mul(norm(t, s), 2)), norm(s, s));
      },

      fused: {
        cpu({ student, weight }) {
          const { n } = entities;
          if (n === 0) return 0;
          const rows = gatherTopologyRows(kernels, workspace, tables, entities, student);
          const dUnit = workspace.f32("dUnit", n * dS).fill(0);
          const dRows = workspace.f32("dRows", n * dS).fill(0);
          const wantValue = steps % VALUE_EVERY === 1;
          block[1] = n;
          const value = kernels.cosineBlocks({
            teacher: rows.teacherUnit,
            teacherCols: dT,
            student: rows.studentUnit,
            studentCols: dS,
            offsets: block,
            blocks: 1,
            positiveOnly: false,
            value: wantValue,
            weight,
            dStudent: dUnit,
          });
          kernels.normalizeRowsGrad(rows.studentUnit, rows.studentNorms, dUnit, dS, n, dRows);
          pushRowGrads(entities, student, dRows);
          return wantValue ? value : null;
        },
      },
    };
  },
});
