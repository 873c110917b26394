import type { ParamValue } from "@kdp/dsl";
import type {
  Interactions,
  Kernels,
  LossContext,
  LossDefinition,
  LossInstance,
  Side,
  Streams,
  TeacherView,
} from "@kdp/plugin-api";

/** A loss of a lesson before it meets its student. */
export interface LessonLoss {
  readonly name: string;
  readonly definition: LossDefinition;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly teachers: readonly TeacherView[];
  readonly streams: Streams;
  /** Makes learning copies of the teachers, for losses that declare `learningTeacher`. */
  readonly learner?: NonNullable<LossContext<unknown>["learner"]>;
}

/** A loss with its weight, bound to a student; its helpers are not allocated yet. */
export interface CreatedLoss {
  readonly name: string;
  readonly weight: number;
  readonly instance: LossInstance;
  readonly teachers: readonly TeacherView[];
  readonly streams: Streams;
}

export interface StudentFacts {
  readonly kernels: Kernels;
  readonly train: Interactions;
  readonly width: Readonly<Record<Side, number>>;
  readonly epochs: number;
  note(text: string): void;
}

export function createLosses(losses: readonly LessonLoss[], student: StudentFacts): readonly CreatedLoss[] {
  const seen = new Set<string>();
  return losses.map((loss, position) => {
    const name = seen.has(loss.name) ? `${loss.name}#${position}` : loss.name;
    seen.add(name);
    const weight = loss.params.weight;
    if (typeof weight !== "number") throw new Error(`the loss ${loss.name} declares no argument "weight"`);
    const instance = loss.definition.create({
      // The compiler has checked the arguments against the schema that types them.
      params: loss.params as LossContext<Record<string, never>>["params"],
      users: student.train.users,
      items: student.train.items,
      train: student.train,
      teachers: loss.teachers,
      width: student.width,
      streams: loss.streams,
      kernels: student.kernels,
      epochs: student.epochs,
      ...(loss.learner ? { learner: loss.learner } : {}),
      note: (text) => student.note(`${name}: ${text}`),
    });
    return { name, weight, instance, teachers: loss.teachers, streams: loss.streams };
  });
}
