import type { Kernels } from "../kernels.js";
import type { LossContext, LossDefinition, TeacherView } from "../loss.js";
import type { Tf } from "../model.js";
import { check, checkFinite, checkSameGradients, checkSameValue } from "./check.js";
import { checkSlopes } from "./check-slopes.js";
import { type LossTrial, lossTrial, type TrialOptions } from "./loss-trial.js";
import { referenceStudent } from "./reference-student.js";
import { type SampleWorld, sampleWorld } from "./sample-world.js";
import { testStream } from "./test-streams.js";

/** What the kit should know of a loss. */
export interface LossNotes {
  /** Arguments for the trials; default: all defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /**
   * False for a loss whose gradient is by design not the slope of its value (parts that carry no gradient); finite
   * differences are then left out. Default true.
   */
  readonly slopes?: boolean;
  /** How far kernel and TensorFlow.js forms may differ, relative to the largest entry; default 1e-4. */
  readonly tolerance?: number;
  /** True for a loss that is zero when the student's representations are the teacher's. */
  readonly zeroWhenEqual?: boolean;
}

/** A named check of one loss. */
export interface LossCheck {
  readonly title: string;
  /** False where the notes rule it out; default: always. */
  applies?(notes: LossNotes): boolean;
  run(setting: LossSetting): void;
}

export interface LossSetting {
  readonly tf: Tf;
  readonly kernels: Kernels;
  readonly loss: LossDefinition;
  readonly notes: LossNotes;
}

const WORLD = { users: 12, items: 30, cols: 5, ranking: 14 } as const;
/** Epochs with something new to draw, and far enough for schedules that begin later. */
const EPOCHS = [0, 1, 12];

/** A teacher with the views that the loss declares, and no other. */
function declared(loss: LossDefinition, view: TeacherView): TeacherView {
  const wanted = new Set<string>(["name", ...loss.needs, ...(loss.itemSide ? ["itemRanking"] : [])]);
  return Object.fromEntries(Object.entries(view).filter(([key]) => wanted.has(key))) as unknown as TeacherView;
}

/** A copy of a teacher that learns by plain gradient descent. */
function learnerOf(kernels: Kernels, world: SampleWorld): NonNullable<LossContext<unknown>["learner"]> {
  return (teacher, { learningRate }) => {
    const { user, item } = world.teachers[teacher]?.embeddings ?? {};
    const model = referenceStudent(kernels, {
      user: user?.values ?? [],
      item: item?.values ?? [],
      cols: user?.cols ?? 1,
    });
    return {
      model,
      step() {
        const { tables } = model;
        for (const [table, slope] of [
          [tables.user, tables.dUser],
          [tables.item, tables.dItem],
        ] as const) {
          for (let i = 0; i < table.length; i++) table[i] = (table[i] as number) - learningRate * (slope[i] as number);
        }
        model.clearGradients();
      },
    };
  };
}

function trial(setting: LossSetting, world: SampleWorld, more: Partial<TrialOptions> = {}): LossTrial {
  const { tf, kernels, loss, notes } = setting;
  const teachers = loss.teachers === "many" ? world.teachers : [world.teacher];
  return lossTrial({
    tf,
    kernels,
    loss,
    world,
    teachers: teachers.map((view) => declared(loss, view)),
    params: notes.params ?? {},
    ...(loss.learningTeacher ? { learner: learnerOf(kernels, world) } : {}),
    ...more,
  });
}

/** A trial at its first step. */
function begun(setting: LossSetting, more: Partial<TrialOptions> = {}): LossTrial {
  const world = sampleWorld(WORLD);
  const started = trial(setting, world, more);
  started.runStep(world.batch(16), 0);
  return started;
}

/** Values of one step in each of some epochs. */
function valuesOf(setting: LossSetting, seed: number): readonly number[] {
  const world = sampleWorld(WORLD);
  const running = trial(setting, world, { seed });
  return EPOCHS.map((epoch) => {
    running.runStep(world.batch(16, epoch), epoch);
    return running.value();
  });
}

const differentiable: LossCheck = {
  title: "has the gradient of its value",
  applies: ({ slopes }) => slopes !== false,
  run(setting) {
    const started = begun(setting);
    const { tables } = started.student;
    checkSlopes({
      value: started.value,
      tables: {
        user: tables.user,
        item: tables.item,
        ...Object.fromEntries(Object.entries(started.state).map(([name, { value }]) => [name, value])),
      },
      gradients: started.plain().gradients,
      tolerance: 3e-2,
    });
  },
};

const fusedAgrees: LossCheck = {
  title: "computes the same by kernels as by TensorFlow.js, where it has kernels",
  run(setting) {
    const world = sampleWorld(WORLD);
    const running = trial(setting, world);
    const tolerance = setting.notes.tolerance ?? 1e-4;
    for (const epoch of EPOCHS) {
      running.runStep(world.batch(16, epoch), epoch);
      const plain = running.plain();
      const fused = running.fused();
      if (!fused) return;
      if (fused.value !== null) checkSameValue(fused.value, plain.value ?? 0, tolerance, `value in epoch ${epoch}`);
      checkSameGradients(fused.gradients, plain.gradients, tolerance);
      const double = running.fused(2);
      check(double?.value === fused.value, "the value of the kernel form depends on the weight");
      const halves = Object.entries(double?.gradients ?? {}).map(([name, g]) => [name, g.map((d) => d / 2)]);
      checkSameGradients(Object.fromEntries(halves), fused.gradients, tolerance);
    }
  },
};

const deterministic: LossCheck = {
  title: "is the same under the same seed",
  run(setting) {
    const [first, second] = [valuesOf(setting, 3), valuesOf(setting, 3)];
    check(first.join() === second.join(), `two runs with one seed give ${first} and ${second}`);
  },
};

const orderFree: LossCheck = {
  title: "does not depend on the order of the batch",
  run(setting) {
    const world = sampleWorld(WORLD);
    const value = (order?: ReturnType<typeof testStream>): number | null => {
      const running = trial(setting, world);
      // Negatives that the loss draws itself belong to the places of their triplets.
      if (running.instance.drawNegatives) return null;
      running.runStep(world.batch(16, 0, order), 0);
      return running.value();
    };
    const [given, shuffled] = [value(), value(testStream("order"))];
    if (given !== null && shuffled !== null) checkSameValue(shuffled, given, 1e-5, "value of the shuffled batch");
  },
};

const leakFree: LossCheck = {
  title: "leaves no tensor and no kernel memory behind",
  run(setting) {
    const { tf, kernels } = setting;
    const world = sampleWorld(WORLD);
    const running = trial(setting, world);
    const batch = world.batch(16);
    const round = (epoch: number) => {
      running.runStep(batch, epoch);
      running.plain();
      running.fused();
      running.instance.afterStep?.(batch);
    };
    // Buffers may settle during the first steps.
    for (let epoch = 0; epoch < 3; epoch++) round(epoch);
    const before = { tensors: tf.memory().numTensors, bytes: kernels.bytesInUse };
    for (let epoch = 3; epoch < 6; epoch++) round(epoch);
    const tensors = tf.memory().numTensors - before.tensors;
    check(tensors === 0, `${tensors} tensors are left after three steps`);
    const bytes = kernels.bytesInUse - before.bytes;
    check(bytes <= 0, `${bytes} bytes of kernel memory are left after three steps`);
  },
};

const resumable: LossCheck = {
  title: "goes on from what it carries as if it had not been interrupted",
  run(setting) {
    const world = sampleWorld(WORLD);
    const batch = world.batch(16);
    const epochs = 5;
    const whole = trial(setting, world);
    let carried: ReturnType<NonNullable<typeof whole.instance.carry>> | null = null;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const carry = epoch === epochs - 1 ? whole.instance.carry?.() : undefined;
      if (carry) carried = Object.fromEntries(Object.entries(carry).map(([name, values]) => [name, values.slice()]));
      whole.runStep(batch, epoch);
    }
    const resumed = trial(setting, world);
    if (carried) resumed.instance.restore?.(carried);
    resumed.runStep(batch, epochs - 1);
    check(resumed.value() === whole.value(), `epoch ${epochs} after a restart gives another value`);
  },
};

const robust: LossCheck = {
  title: "stays finite for a student of zeros, and where there is little to learn from",
  run(setting) {
    const world = sampleWorld(WORLD);
    const zeros = { user: new Array(world.users * 2).fill(0), item: new Array(world.items * 2).fill(0), cols: 2 };
    const little = sampleWorld({ users: 3, items: 5, cols: 5, perUser: 2, ranking: 2, seed: 1 });
    const trials = [
      { running: begun(setting, { student: zeros }), what: "a student of zeros" },
      { running: trial(setting, little), what: "a teacher that ranks two of five items" },
    ];
    trials[1]?.running.runStep(little.batch(4), 0);
    for (const { running, what } of trials) {
      for (const outcome of [running.plain(), running.fused()]) {
        if (!outcome) continue;
        checkFinite([outcome.value ?? 0], `the value for ${what}`);
        for (const [name, gradient] of Object.entries(outcome.gradients)) {
          checkFinite(gradient, `the gradient of ${name} for ${what}`);
        }
      }
    }
  },
};

const zeroAtTeacher: LossCheck = {
  title: "is zero when the student equals the teacher",
  applies: ({ zeroWhenEqual }) => zeroWhenEqual === true,
  run(setting) {
    const { user, item } = sampleWorld(WORLD).teacher.embeddings ?? {};
    const student = { user: user?.values ?? [], item: item?.values ?? [], cols: WORLD.cols };
    checkSameValue(begun(setting, { student }).value(), 0, 1e-4, "value for a student that equals the teacher");
  },
};

/** All checks of a loss. */
export const lossChecks: readonly LossCheck[] = [
  differentiable,
  fusedAgrees,
  deterministic,
  orderFree,
  leakFree,
  resumable,
  robust,
  zeroAtTeacher,
];
