import type { Batch, StepRequest, TensorForm, TensorStep, Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type { BoundLoss } from "../../training/term.js";
import { dotScores } from "./dot-scores.js";
import type { TeacherTables } from "./teacher-rows.js";

export interface StepParts {
  readonly tf: Tf;
  readonly kernels: DeviceKernels;
  readonly form: TensorForm;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly teachers: TeacherTables;
  /** The model's own parameters, by name. */
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly losses: readonly { readonly loss: BoundLoss; readonly state: Readonly<Record<string, Variable>> }[];
  readonly baseWeight: number;
}

/** Names of the terms of a step, in the order of their values: `base` unless its weight is 0, then the losses. */
export const termNames = ({ losses, baseWeight }: Pick<StepParts, "losses" | "baseWeight">): readonly string[] => [
  ...(baseWeight === 0 ? [] : ["base"]),
  ...losses.map(({ loss }) => loss.name),
];

/**
 * Differentiates one step as a whole. To be called inside `tf.tidy`.
 * @returns unweighted values of the terms, which outlive the tidy, and the gradient of the objective in each variable
 */
export function differentiateStep(
  parts: StepParts,
  batch: Batch,
  requests: readonly StepRequest[],
  variables: readonly Variable[],
): { readonly values: Tensor1D; readonly grads: readonly (Tensor | null)[] } {
  const { tf, form, baseWeight, losses } = parts;
  const kept: Tensor1D[] = [];
  // Before the tape runs: what is refused here leaves nothing on it, and nobody differentiates teachers.
  const taught = losses.map(({ loss }, i) => parts.teachers.rows(loss.teachers, requests[i] ?? {}));
  const { grads } = tf.engine().gradients(
    () => {
      const model = form.forward({
        tf,
        batch,
        parameters: parts.parameters as unknown as Readonly<Record<string, Tensor2D>>,
        constants: parts.constants,
        dot: (user, item) => dotScores(tf, parts.kernels, user, item),
      });
      const terms = [
        ...(baseWeight === 0 ? [] : [{ value: model.baseLoss(), weight: baseWeight }]),
        ...losses.map((entry, i) => ({
          value: lossValue(tf, entry, { model, batch, request: requests[i] ?? {}, teachers: taught[i] ?? [] }),
          weight: entry.loss.weight,
        })),
      ];
      const values = terms.map(({ value }) => tf.reshape(value, [1]));
      kept.push(tf.keep(values.length === 1 ? (values[0] as Tensor1D).clone() : tf.concat(values)) as Tensor1D);
      return terms.map(({ value, weight }) => tf.mul(value, weight)).reduce((sum, term) => tf.add(sum, term));
    },
    [...variables],
    undefined,
    true,
  );
  return { values: kept[0] as Tensor1D, grads: grads as readonly (Tensor | null)[] };
}

interface LossStep {
  readonly model: TensorStep;
  readonly batch: Batch;
  readonly request: StepRequest;
  readonly teachers: ReturnType<TeacherTables["rows"]>;
}

function lossValue(tf: Tf, { loss, state }: StepParts["losses"][number], step: LossStep): Scalar {
  const { model, batch, request, teachers } = step;
  const { rows = {}, scores = {}, allScores } = request;
  return loss.instance.loss({
    tf,
    batch,
    student: {
      ...(rows.user ? { user: model.rows("user", rows.user) } : {}),
      ...(rows.item ? { item: model.rows("item", rows.item) } : {}),
    },
    teachers,
    scores: Object.fromEntries(Object.entries(scores).map(([name, list]) => [name, model.scores(list)])),
    ...(allScores ? { allScores: model.allScores(allScores) } : {}),
    state: state as unknown as Readonly<Record<string, Tensor2D>>,
  });
}
