import { bool, defineLoss, float, int, type LossInstance, oneOf } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { gatherTeacher, type LatentSide, latentSides, withTeacherRow } from "./shared/latent-sides.js";
import { type FusedProjector, linearProjector, mlpProjector, type Projector } from "./shared/projector.js";
import { uniformSampler } from "./shared/uniform-sampling.js";
import { unitRows, unitTensor } from "./shared/unit-rows.js";
import { createWorkspace } from "./shared/workspace.js";

/**
 * Hint regression (FitNets, Romero et al., ICLR 2015), the base line of latent distillation: one projector a side takes the
 * student's representation to the teacher's.
 *
 * L_hint = Σ_u ‖ t_u - f_U(s_u) ‖² + Σ_i ‖ t_i - f_I(s_i) ‖², over the distinct users and items of the step.
 *
 * Student rows `[n, dS]`, teacher rows `[n, dT]`, f: dS → dT, linear or with one hidden layer. With `normalize` both sides of
 * the difference have unit length. `entities: "uniform"` takes as many users and items as the batch has rows, at random.
 */
export const hint = defineLoss({
  doc: "Hint regression (FitNets, ICLR 2015): one projector per side takes the student's representation to the teacher's.",
  needs: ["embeddings"],
  teachers: "one",
  studentNeeds: ["embeddings"],
  params: {
    weight: float({
      default: 0.01,
      min: 0,
      doc: "λ, factor of the loss, which is a sum over entities.",
      source: "as DE, of which this is the form with one expert",
    }),
    projector: oneOf(["linear", "mlp"], {
      default: "linear",
      doc: "Form of f: linear, or a network with one hidden layer and ReLU.",
      source: "woriazzc/RCEKD, configuration Fit",
    }),
    bias: bool({
      default: true,
      doc: "Add a bias to a linear projector.",
      source: "woriazzc/RCEKD, configuration Fit",
    }),
    hidden: int({
      default: null,
      min: 1,
      doc: "Width of the hidden layer of `mlp`; default (dS + dT) / 2, or dS / 2 where the widths are equal.",
      source: "as an expert of DE-RRD (CIKM 2020)",
    }),
    normalize: bool({
      default: false,
      doc: "Compare unit vectors instead of the representations themselves.",
      source: "woriazzc/RCEKD, option of Fit",
    }),
    entities: oneOf(["batch", "uniform"], {
      default: "batch",
      doc: "Which users and items a step compares: those of its batch, or as many drawn from all.",
      source: "DE-RRD and TD (batch); woriazzc/RCEKD (uniform)",
    }),
  },

  create({ params, teachers, width, users, items, streams, kernels, note }): LossInstance {
    const workspace = createWorkspace(kernels);
    const sides = latentSides({ teachers, width, note });
    const projectors = new Map<LatentSide, Projector>(
      sides.map((side) => [
        side,
        params.projector === "linear" ? linearProjector(side, params.bias) : mlpProjector(side, params.hidden),
      ]),
    );
    const samplers = { user: uniformSampler(users), item: uniformSampler(items) };
    let stream = streams.stream("sampling", 0);
    let step: readonly { readonly side: LatentSide; readonly ids: Int32Array }[] = [];

    function drawn(side: LatentSide, count: number): Int32Array {
      const sampler = samplers[side.side];
      sampler.begin();
      const ids = new Int32Array(Math.min(count, side.known.length));
      return ids.subarray(0, sampler.draw(stream, ids.length, ids, 0));
    }

    return {
      state: [...projectors.values()].flatMap((projector) => projector.parameters),

      startEpoch(epoch) {
        stream = streams.stream("sampling", epoch);
      },

      request(batch) {
        step = sides.map((side) => ({
          side,
          ids: withTeacherRow(
            side,
            params.entities === "uniform"
              ? drawn(side, batch.size)
              : side.side === "user"
                ? batch.uniqueUsers
                : batch.uniqueItems,
          ),
        }));
        return { rows: Object.fromEntries(step.map(({ side, ids }) => [side.side, ids])) };
      },

      loss({ tf, student, teachers: rows, state }) {
        const unit = (x: Tensor2D): Tensor2D => (params.normalize ? unitTensor(tf, x) : x);
        return step.reduce<Scalar>((sum, { side, ids }) => {
          if (ids.length === 0) return sum;
          const projected = projectors.get(side)?.plain(tf, student[side.side] as Tensor2D, state) as Tensor2D;
          return tf.add(sum, tf.sum(tf.squaredDifference(unit(rows[0]?.[side.side] as Tensor2D), unit(projected))));
        }, tf.scalar(0));
      },

      fused: {
        cpu({ student, state, weight }) {
          let total = 0;
          for (const { side, ids } of step) {
            const n = ids.length;
            if (n === 0) continue;
            const f32 = (name: string, cols: number) => workspace.f32(`${side.side}/${name}`, n * cols);
            const held = workspace.i32(`${side.side}/ids`, n);
            held.set(ids);
            const rows = f32("rows", side.student);
            const target = f32("target", side.teacher);
            const projected = f32("projected", side.teacher);
            student.rows(side.side, held, n, rows);
            gatherTeacher(side, held, target, kernels);
            const projector = projectors.get(side)?.fused(kernels, workspace, state) as FusedProjector;
            projector.forward(n, rows, projected);
            const gap = f32("gap", side.teacher);
            total += params.normalize
              ? unitGaps(side, n, projected, target, weight, gap)
              : gaps(projected, target, weight, gap);
            const dRows = f32("dRows", side.student);
            projector.backward(n, rows, gap, dRows);
            student.addRowGrads(side.side, held, n, dRows);
          }
          return total;
        },
      },
    };

    /** ‖x - t‖² and `weight` times its gradient. */
    function gaps(x: Float32Array, target: Float32Array, weight: number, dx: Float32Array): number {
      let value = 0;
      for (let at = 0; at < x.length; at++) {
        const gap = x[at]! - target[at]!;
        value += gap * gap;
        dx[at] = 2 * weight * gap;
      }
      return value;
    }

    /** The same between unit vectors, with the gradient taken through the normalisation of x. */
    function unitGaps(
      side: LatentSide,
      n: number,
      x: Float32Array,
      target: Float32Array,
      weight: number,
      dx: Float32Array,
    ): number {
      const f32 = (name: string, length: number) => workspace.f32(`${side.side}/${name}`, length);
      const norms = f32("norms", n);
      const unit = f32("unit", x.length);
      const unitTarget = f32("unitTarget", x.length);
      unitRows(kernels, target, side.teacher, n, unitTarget, norms);
      unitRows(kernels, x, side.teacher, n, unit, norms);
      const dUnit = f32("dUnit", x.length);
      const value = gaps(unit, unitTarget, weight, dUnit);
      dx.fill(0);
      kernels.normalizeRowsGrad(unit, norms, dUnit, side.teacher, n, dx);
      return value;
    }
  },
});
