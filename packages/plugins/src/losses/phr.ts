import { type Batch, bool, defineLoss, float, InputError, int, type LossInstance } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { enrich } from "./shared/enrichment.js";
import { fusedHypernet, type HypernetShape, hypernetParameters, personalMap } from "./shared/hypernet.js";
import { gatherTeacher, type LatentSide, latentSides, withTeacherRow } from "./shared/latent-sides.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "hieunm44/hyperkdma (third party; the authors' code is not public)";

/** One side of a step: entities with the factor of each. */
interface SideStep {
  readonly plan: SidePlan;
  readonly ids: Int32Array;
  readonly factors: Float32Array;
}

interface SidePlan {
  readonly side: LatentSide;
  readonly shape: HypernetShape;
  /** v `[entities, dT]` */
  readonly guide: LatentSide;
}

/**
 * Personalised Hint Regression (PHR, Kang et al., Knowledge-Based Systems 239, 2022): a network reads the teacher's representation
 * of each entity and writes that entity's own linear map from the student's space to the teacher's, so that no group of
 * entities decides for another and nothing need be clustered.
 *
 * W_e = p(v_e), L(E) = Σ_{e in E} ‖ t_e - W_e s_e ‖²,
 * L_PHR = L(users) + ½ ( L(positives) + L(negatives) ), each over the distinct entities of the step
 *
 * v_e is the enriched representation of `shared/enrichment` (`enrich: false`: t_e itself); p: dT → `hidden` → ReLU → dT·dS, one for users
 * and items, or one each. Student rows `[n, dS]`, teacher rows `[n, dT]`, maps `[n, dT, dS]`. At 200 → 20 a step over all its entities
 * costs some 50 GFLOP: `entities` draws as many per side and step and scales their sum by distinct / drawn.
 */
export const phr = defineLoss({
  doc: "Personalised Hint Regression (KBS 2022): every entity has its own map from the student's to the teacher's space, written by a network.",
  needs: ["embeddings"],
  teachers: "one",
  studentNeeds: ["embeddings"],
  params: {
    weight: float({
      default: 0.01,
      min: 0,
      doc: "λ, factor of the loss, which is a sum over entities.",
      source: SOURCE,
    }),
    hidden: int({
      default: null,
      min: 1,
      doc: "Width of the network's hidden layer; default (dT + dT·dS) / 2.",
      source: "HyperKDMA, §4.1",
    }),
    enrich: bool({
      default: true,
      doc: "Mix each teacher row with the mean of its train neighbours' before the network reads it.",
      source: "the paper; off in the only code that could be read",
    }),
    shared: bool({ default: true, doc: "One network for users and items instead of one each.", source: SOURCE }),
    entities: int({
      default: null,
      min: 1,
      doc: "Users and items drawn per step, their sum scaled up; default all of the step.",
      source: "ours: the cost of a step is proportional to it",
    }),
  },

  create({ params, teachers, width, train, streams, kernels, note }): LossInstance {
    const workspace = createWorkspace(kernels);
    const sides = latentSides({ teachers, width, note });
    const plans = plan(sides);
    let stream = streams.stream("sampling", 0);
    let step: readonly SideStep[] = [];

    function plan([first, second]: readonly LatentSide[]): readonly SidePlan[] {
      if (!first) return [];
      const both = second ? ([first, second] as const) : null;
      if (both && (params.shared || params.enrich) && first.teacher !== second?.teacher) {
        throw mismatch("the teacher's rows of users and items differ in width", "set enrich: false and shared: false");
      }
      if (both && params.shared && first.student !== second?.student) {
        throw mismatch("the student's rows of users and items differ in width", "set shared: false");
      }
      const enriched = both && params.enrich ? enrich(both, train) : null;
      if (params.enrich && !enriched) note("representations of one side only: nothing to enrich them with");
      return (both ?? [first]).map((side, i) => ({
        side,
        shape: {
          name: params.shared ? "hypernet" : `${side.side}/hypernet`,
          student: side.student,
          teacher: side.teacher,
          hidden: params.hidden ?? Math.max(1, Math.floor((side.teacher * (1 + side.student)) / 2)),
        },
        guide: { ...side, table: enriched?.[i] ?? side.table },
      }));
    }

    /** The step's entities of a side; an item in one of positives and negatives counts half. */
    function entitiesOf({ side }: SidePlan, batch: Batch): { ids: Int32Array; factors: Float32Array } {
      const all = withTeacherRow(side, side.side === "user" ? batch.uniqueUsers : batch.uniqueItems);
      const ids = drawn(all);
      const scale = ids.length === 0 ? 0 : all.length / ids.length;
      if (side.side === "user") return { ids, factors: new Float32Array(ids.length).fill(scale) };
      const positives = new Set(batch.uniquePositives);
      const negatives = new Set(batch.uniqueNegatives);
      const factor = (id: number) => (positives.has(id) && negatives.has(id) ? scale : scale / 2);
      return { ids, factors: Float32Array.from(ids, factor) };
    }

    /** At most `entities` of them, uniformly without replacement, ascending. */
    function drawn(all: Int32Array): Int32Array {
      const count = params.entities;
      if (count === null || count >= all.length) return all;
      const pool = all.slice();
      for (let i = 0; i < count; i++) {
        const j = i + stream.below(pool.length - i);
        [pool[i], pool[j]] = [pool[j]!, pool[i]!];
      }
      return pool.subarray(0, count).sort();
    }

    const specs = new Map(plans.flatMap(({ shape }) => hypernetParameters(shape)).map((spec) => [spec.name, spec]));

    return {
      state: [...specs.values()],

      startEpoch(epoch) {
        stream = streams.stream("sampling", epoch);
      },

      request(batch) {
        step = plans.map((one) => ({ plan: one, ...entitiesOf(one, batch) }));
        return { rows: Object.fromEntries(step.map(({ plan: { side }, ids }) => [side.side, ids])) };
      },

      loss: ({ tf, student, teachers: rows, state }) =>
        step.reduce<Scalar>((sum, { plan: { side, shape, guide }, ids, factors }) => {
          const n = ids.length;
          if (n === 0) return sum;
          const v = new Float32Array(n * side.teacher);
          gatherTeacher(guide, ids, v);
          const mapped = personalMap(
            tf,
            shape,
            state,
            student[side.side] as Tensor2D,
            tf.tensor2d(v, [n, side.teacher]),
          );
          const gaps = tf.squaredDifference(mapped, rows[0]?.[side.side] as Tensor2D);
          return tf.add(sum, tf.sum(tf.mul(gaps, tf.tensor2d(factors, [n, 1]))));
        }, tf.scalar(0)),

      fused: {
        cpu({ student, state, weight }) {
          let total = 0;
          for (const {
            plan: { side, shape, guide },
            ids,
            factors,
          } of step) {
            const n = ids.length;
            if (n === 0) continue;
            const f32 = (name: string, cols: number) => workspace.f32(`${side.side}/${name}`, n * cols);
            const held = workspace.i32(`${side.side}/ids`, n);
            held.set(ids);
            const pass = { n, student: f32("rows", side.student), guide: f32("guide", side.teacher) };
            student.rows(side.side, held, n, pass.student);
            gatherTeacher(guide, held, pass.guide, kernels);
            const target = f32("target", side.teacher);
            gatherTeacher(side, held, target, kernels);
            const hypernet = fusedHypernet(kernels, workspace, shape, state);
            const mapped = f32("mapped", side.teacher);
            hypernet.forward(pass, mapped);
            for (let at = 0; at < mapped.length; at++) {
              const gap = mapped[at]! - target[at]!;
              const factor = factors[Math.floor(at / side.teacher)]!;
              total += factor * gap * gap;
              mapped[at] = 2 * weight * factor * gap;
            }
            const dRows = f32("dRows", side.student);
            hypernet.backward(pass, mapped, dRows);
            student.addRowGrads(side.side, held, n, dRows);
          }
          return total;
        },
      },
    };
  },
});

const mismatch = (message: string, fix: string): InputError => new InputError("KDP7206", `phr: ${message}`, { fix });
