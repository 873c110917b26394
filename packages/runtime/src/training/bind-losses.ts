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
import { createLearner, type LearnableTeacher } from "./learner.js";
import type { Learning } from "./training-state.js";

/** A loss of a lesson before it meets its student. */
export interface LessonLoss {
  readonly name: string;
  readonly definition: LossDefinition;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly teachers: readonly TeacherView[];
  readonly streams: Streams;
  /** Aligned with {@link teachers}; null where a teacher cannot learn. Present for losses that declare `learningTeacher`. */
  readonly learnable?: readonly (LearnableTeacher | null)[];
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
  /** Takes the parameters of a teacher's learning copy into the training's state. */
  adopt(learning: Learning): void;
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
      ...(loss.learnable ? { learner: learnerOf(loss, loss.learnable, student) } : {}),
      note: (text) => student.note(namedNote(name, text)),
    });
    return { name, weight, instance, teachers: loss.teachers, streams: loss.streams };
  });
}

/** `KDP7204: rrd: 3 of 80 users …`: a code stays in front, where the report looks for it. */
function namedNote(name: string, text: string): string {
  const [, code = "", said = text] = /^(KDP\d{4}: )?(.*)$/s.exec(text) ?? [];
  return `${code}${name}: ${said}`;
}

function learnerOf(
  { name, teachers }: LessonLoss,
  learnable: readonly (LearnableTeacher | null)[],
  { kernels, adopt }: StudentFacts,
): NonNullable<LossContext<unknown>["learner"]> {
  return (index, options) => {
    const teacher = learnable[index];
    if (!teacher) {
      throw new Error(`${name} trains its teacher, but ${teachers[index]?.name ?? index} is not trained by gradient`);
    }
    const { learner, learning } = createLearner(kernels, teacher, options);
    adopt(learning);
    return learner;
  };
}
