import { defineLoss, float, int, type LossInstance, type TensorIO } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { annealedTemperature } from "./shared/anneal.js";
import {
  type ExpertShape,
  expertHidden,
  expertParameters,
  expertState,
  mixExperts,
  softGate,
} from "./shared/experts.js";
import { fusedExperts } from "./shared/fused-experts.js";
import { gateParams } from "./shared/gate-params.js";
import { gumbelSource } from "./shared/gumbel.js";
import { type StepEntities, stepEntities } from "./shared/item-halves.js";
import { gatherTeacher, type LatentSide, latentSides } from "./shared/latent-sides.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "DE-RRD (Kang et al., CIKM 2020), published code";

/** What one side has in a step. */
interface SideStep {
  readonly side: LatentSide;
  readonly shape: ExpertShape;
  readonly entities: StepEntities;
  /** Gumbel numbers `[rows, M]`, new for every row of every step. */
  readonly noise: Float32Array;
}

/**
 * Distillation Experts (DE-RRD, Kang et al., CIKM 2020): M small experts rebuild the teacher's representation from the
 * student's, and a gate that reads the teacher's sends each entity to the expert of its taste, so that a large group of users
 * does not decide for the small ones.
 *
 * z_e = GumbelSoftmax(t_e; τ), L(E) = Σ_{e in E} ‖ t_e - Σ_m z_em f_m(s_e) ‖²,
 * L_DE = L(users) + ½ ( L(positives) + L(negatives) ), each over the distinct entities of the step
 *
 * with τ annealed from `temperature` to `temperature_end` (over 1000 epochs in the paper, of which early stopping left some 250). Users and items have experts and gates of their own. Student rows
 * `[n, dS]`, teacher rows `[n, dT]`, expert: dS → (dS + dT) / 2 → ReLU → dT. The norm is squared, as in the published code.
 */
export const de = defineLoss({
  doc: "Distillation Experts (DE-RRD, CIKM 2020): several experts, chosen per entity by a gate, rebuild the teacher's representation from the student's.",
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
    experts: int({ default: 30, min: 1, doc: "M, experts of each side.", source: SOURCE }),
    ...gateParams(SOURCE),
  },

  create({ params, teachers, width, streams, kernels, epochs, note }): LossInstance {
    const workspace = createWorkspace(kernels);
    const sides = latentSides({ teachers, width, note }).map((side) => ({
      side,
      shape: {
        side: side.side,
        experts: params.experts,
        student: side.student,
        teacher: side.teacher,
        hidden: params.hidden ?? expertHidden(side.student, side.teacher),
      },
    }));
    let tau = params.temperature;
    const gumbel = gumbelSource(kernels, streams);
    let step: readonly SideStep[] = [];

    return {
      state: sides.flatMap(({ shape }) => expertParameters(shape)),

      startEpoch(epoch) {
        const horizon = params.anneal_epochs ?? epochs;
        tau = annealedTemperature(params.temperature, params.temperature_end, horizon, epoch);
        gumbel.startEpoch(epoch);
      },

      request(batch) {
        step = sides.map(({ side, shape }) => {
          const entities = stepEntities(side, batch);
          const numbers = workspace.f32(`${side.side}/noise`, entities.places.length * shape.experts);
          if (shape.experts > 1) gumbel.fill(numbers);
          return { side, shape, entities, noise: numbers };
        });
        return { rows: Object.fromEntries(step.map(({ side, entities }) => [side.side, entities.distinct])) };
      },

      loss: (io) => step.reduce<Scalar>((sum, part) => io.tf.add(sum, sideLoss(io, part, tau)), io.tf.scalar(0)),

      fused: {
        cpu({ student, state, weight }) {
          let total = 0;
          for (const { side, shape, entities, noise } of step) {
            const n = entities.places.length;
            if (n === 0) continue;
            const f32 = (name: string, length: number) => workspace.f32(`${side.side}/${name}`, length);
            const ids = workspace.i32(`${side.side}/ids`, n);
            entities.places.forEach((place, r) => {
              ids[r] = entities.distinct[place]!;
            });
            const rows = f32("rows", n * side.student);
            const teacher = f32("teacher", n * side.teacher);
            student.rows(side.side, ids, n, rows);
            gatherTeacher(side, ids, teacher, kernels);
            const experts = fusedExperts(kernels, workspace, shape, expertState(side.side, state));
            const pass = { n, student: rows, teacher, noise, tau };
            const rebuilt = f32("rebuilt", n * side.teacher);
            experts.forward(pass, rebuilt);
            const value = kernels.squaredGaps(rebuilt, teacher, rebuilt.length, weight * entities.factor);
            const dRows = f32("dRows", n * side.student);
            experts.backward(pass, rebuilt, dRows);
            student.addRowGrads(side.side, ids, n, dRows);
            total += entities.factor * value;
          }
          return total;
        },
      },
    };
  },
});

/** Σ over the rows of one side, times their factor. */
function sideLoss({ tf, student, teachers, state }: TensorIO, part: SideStep, tau: number): Scalar {
  const { side, shape, entities } = part;
  const n = entities.places.length;
  if (n === 0) return tf.scalar(0);
  const places = tf.tensor1d(entities.places, "int32");
  const rows = tf.gather(student[side.side] as Tensor2D, places);
  const target = tf.gather(teachers[0]?.[side.side] as Tensor2D, places);
  const own = expertState(side.side, state);
  const z = softGate(tf, target, tf.tensor2d(part.noise.slice(), [n, shape.experts]), tau, own);
  return tf.mul(tf.sum(tf.squaredDifference(target, mixExperts(tf, rows, z, own, shape))), entities.factor);
}
