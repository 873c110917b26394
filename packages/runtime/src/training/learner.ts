import type { FittedTables, Kernels, LearnerOptions, ModelInstance, Parameter, TeacherLearner } from "@kdp/plugin-api";
import { createOptimiser } from "./optimiser.js";
import { byName } from "./parameters.js";
import type { Learning } from "./training-state.js";

/** A fitted model that can go on learning beside a student. */
export interface LearnableTeacher {
  readonly name: string;
  readonly instance: ModelInstance;
  readonly tables: FittedTables;
}

/**
 * A copy of a teacher with an optimiser of its own (BD). Its state is part of the student's checkpoint; the teacher's artefact
 * stays as it is.
 * @throws Error when the model has no fused form, or its tables are not its parameters
 */
export function createLearner(
  kernels: Kernels,
  teacher: LearnableTeacher,
  options: LearnerOptions,
): { readonly learner: TeacherLearner; readonly learning: Learning } {
  const { instance, tables, name } = teacher;
  const { fused } = instance;
  if (!fused) throw new Error(`${name} has no fused form, so it cannot learn beside a student`);
  const parameters = instance.parameters.map((spec): Parameter => {
    const table = tables[spec.name];
    if (table?.rows !== spec.rows || table.cols !== spec.cols) {
      throw new Error(`${name} has no table "${spec.name}" of ${spec.rows} x ${spec.cols}`);
    }
    return { ...spec, value: kernels.f32From(table.values), grad: kernels.f32(table.values.length) };
  });
  const optimiser = createOptimiser(kernels, parameters, { optimizer: "adam", decoupled: false, ...options });
  const model = fused.cpu(byName(parameters));
  return {
    learner: {
      model,
      step(batch) {
        optimiser.step(null);
        instance.constrain?.(byName(parameters), batch);
      },
    },
    learning: { name: `teacher ${name}`, parameters, optimiser },
  };
}
