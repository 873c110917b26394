import type { Batch, Interactions, ModelInstance, Parameter, TensorForm } from "@kdp/plugin-api";
import type { LoadedDevice } from "@kdp/plugin-api/device";
import type { Tensor2D, Variable } from "@tensorflow/tfjs-core";
import { checkDevice } from "../../devices/check-device.js";
import { RuntimeFault } from "../../faults.js";
import type { OptimiserSettings } from "../../training/optimiser.js";
import type { BoundLoss } from "../../training/term.js";
import type { Residence, StepValues } from "./residence.js";
import { type ResidentParameter, residentOptimiser } from "./resident-optimiser.js";
import { differentiateStep, type StepParts, termNames } from "./resident-step.js";
import { rowWiseTensors } from "./row-wise-step.js";
import { tableSizeCheck } from "./table-size.js";
import { teacherTables } from "./teacher-rows.js";
import { touchedBy } from "./touched.js";

export interface ResidenceOptions {
  readonly device: LoadedDevice;
  /** Name of the node, for faults. */
  readonly node: string;
  readonly instance: ModelInstance;
  /** The model's own parameters; values are those to start from. */
  readonly own: readonly Parameter[];
  readonly losses: readonly BoundLoss[];
  readonly baseWeight: number;
  readonly optimiser: OptimiserSettings;
  readonly train: Interactions;
  /** True for losses that read the student inside a step (`learningTeacher`). */
  readonly readsEachStep: boolean;
}

/** Moves a training to a device: parameters, optimiser state, teachers' rows and data of the model. */
export function createResidence(options: ResidenceOptions): Residence {
  const { device, own, losses, baseWeight } = options;
  const { tf, kernels = {} } = device;
  const form = formOf(options);
  const checkSize = tableSizeCheck(device, options.node);
  for (const { name, rows, cols } of own) {
    checkSize({ what: `the table "${name}"`, rows, cols }, (fits) => `train with at most dim: ${fits}`);
  }
  for (const { name: loss, state } of losses) {
    for (const { name, rows, cols } of Object.values(state)) {
      checkSize({ what: `the table "${name}" of ${loss}`, rows, cols }, () => `make the arguments of ${loss} smaller`);
    }
  }
  const optimiser = residentOptimiser(tf, kernels, options.optimiser);
  const teachers = teacherTables(tf, checkSize);
  const constants = tf.tidy(() => {
    const made = form.constants?.(tf) ?? {};
    for (const tensor of Object.values(made)) tf.keep(tensor);
    return made;
  });

  const live: ResidentParameter[] = [];
  const move = (host: Parameter): Variable => {
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros([host.rows, host.cols]), false));
    const value = tf.tidy(() => tf.variable(tf.tensor2d(host.value.slice(), [host.rows, host.cols]), true));
    live.push({ host, value, memory: Object.fromEntries(optimiser.memories.map((name) => [name, zeros()])) });
    return value;
  };
  const parameters = Object.fromEntries(own.map((host) => [host.name, move(host)]));
  const parts: StepParts = {
    tf,
    kernels,
    form,
    constants,
    teachers,
    parameters,
    losses: losses.map((loss) => ({
      loss,
      state: Object.fromEntries(Object.entries(loss.state).map(([name, host]) => [name, move(host)])),
    })),
    baseWeight,
  };
  const variables = live.map(({ value }) => value);
  const names = termNames(parts);
  const touched = touchedBy(options.train);

  /** Host copies of what the optimiser remembers, by the names of the CPU's. */
  const copies = live.flatMap(({ host, memory }) =>
    Object.entries(memory).map(([name, variable]) => ({
      name: `${name}/${host.name}`,
      variable,
      values: new Float32Array(host.value.length),
    })),
  );
  const host: { sparse: boolean; steps: number; state: Record<string, Float32Array>; step(): never } = {
    sparse: optimiser.sparse,
    steps: 0,
    state: Object.fromEntries(copies.map(({ name, values }) => [name, values])),
    step() {
      throw new Error("the optimiser of this training steps on its device");
    },
  };

  let waiting: { readonly batch: Pick<Batch, "epoch" | "step" | "size">; readonly values: Tensor2D }[] = [];
  /** The host's parameters are those of the device: nothing was learned since they were read or written. */
  let current = true;

  return {
    learning: { name: "student", parameters: live.map((entry) => entry.host), optimiser: host },
    readsEachStep: options.readsEachStep,

    step(batch) {
      const requests = losses.map((loss) => loss.instance.request(batch));
      const rows = optimiser.sparse && !options.instance.tensors ? touched(batch, requests) : null;
      current = false;
      try {
        tf.tidy(() => {
          const { values, grads } = differentiateStep(parts, batch, requests, variables);
          const { epoch, step, size } = batch;
          waiting.push({ batch: { epoch, step, size }, values: values as unknown as Tensor2D });
          optimiser.step(live, grads, ++host.steps, rows);
          if (!form.constrain) return;
          const moved = form.constrain({ tf, parameters: parameters as unknown as Record<string, Tensor2D> });
          for (const [name, value] of Object.entries(moved)) parameters[name]?.assign(value);
        });
      } catch (error) {
        // What the device knows of it says more than what the operation threw.
        checkDevice(device, options.node);
        throw error;
      }
    },

    async values() {
      const steps = waiting;
      waiting = [];
      try {
        // Asked for together: each answer alone would wait for the device.
        const read = await Promise.all(steps.map(({ values }) => values.data<"float32">()));
        checkDevice(device, options.node);
        return steps.map(({ batch }, at): StepValues => {
          const told = names.map((name, i) => [name, read[at]?.[i] ?? Number.NaN]);
          return { ...batch, values: Object.fromEntries(told) };
        });
      } finally {
        for (const { values } of steps) values.dispose();
      }
    },

    async pull(what) {
      const wanted = current ? [] : live.map(({ host: to, value }) => ({ to: to.value, from: value }));
      if (what === "everything") for (const { variable, values } of copies) wanted.push({ to: values, from: variable });
      const read = await Promise.all(wanted.map(({ from }) => from.data<"float32">()));
      checkDevice(device, options.node);
      wanted.forEach(({ to }, at) => {
        to.set(read[at] ?? []);
      });
      current = true;
    },

    push() {
      current = true;
      tf.tidy(() => {
        for (const { host: from, value } of live) value.assign(tf.tensor2d(from.value.slice(), [from.rows, from.cols]));
        for (const { variable, values } of copies) {
          variable.assign(tf.tensor(values.slice(), variable.shape, "float32"));
        }
      });
    },

    dispose() {
      for (const { values } of waiting) values.dispose();
      for (const { value, memory } of live) for (const each of [value, ...Object.values(memory)]) each.dispose();
      for (const tensor of Object.values(constants)) tensor.dispose();
      teachers.dispose();
    },
  };
}

/** The model's form for devices. @throws RuntimeFault KDP8011 when it has none */
function formOf({ instance, node, device }: ResidenceOptions): TensorForm {
  const form = instance.tensors ?? (instance.rowWise ? rowWiseTensors(instance.rowWise) : null);
  const missing = form === null ? "its plain form" : instance.constrain && !form.constrain ? "its constraints" : null;
  if (form !== null && missing === null) return form;
  throw new RuntimeFault({
    code: "KDP8011",
    kind: "run",
    message: `the model cannot train on this device (${device.found}): ${missing} is not written in TensorFlow.js`,
    place: node,
    fix: 'give this node @run(device: "cpu"); its plugin should say `cpuOnly: true` in the declaration of the model',
  });
}
