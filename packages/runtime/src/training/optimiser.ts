import type { AdamOptions, Kernels, Parameter, StepOptions, TrainingParams } from "@kdp/plugin-api";

export interface OptimiserSettings {
  readonly optimizer: TrainingParams["optimizer"];
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

/** Rows of each side whose gradients this step touched, ascending, in kernel memory. */
export interface TouchedRows {
  readonly user: Int32Array;
  readonly item: Int32Array;
}

/** Turns gradients into steps; consumes and zeroes them. */
export interface Optimiser {
  /** True when {@link step} wants to know the touched rows. */
  readonly sparse: boolean;
  step(touched: TouchedRows | null): void;
  /** What must survive a restart, by name: moments, and the number of steps taken. */
  readonly state: Readonly<Record<string, Float32Array>>;
  steps: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const ADAM_EPS = 1e-8;
/** PyTorch's default for Adagrad. */
const ADAGRAD_EPS = 1e-10;

/** For optimisers elsewhere (devices) that must step alike. */
export const optimiserConstants = { beta1: BETA1, beta2: BETA2, adamEps: ADAM_EPS, adagradEps: ADAGRAD_EPS } as const;

/** One optimiser for all parameters of a training: model and helpers step together and decay alike. */
export function createOptimiser(
  kernels: Kernels,
  parameters: readonly Parameter[],
  settings: OptimiserSettings,
): Optimiser {
  switch (settings.optimizer) {
    case "adam":
    case "lazy_adam":
      return adam(kernels, parameters, settings);
    case "adagrad":
      return adagrad(kernels, parameters, settings);
    case "sgd":
      return sgd(kernels, parameters, settings);
  }
}

const moment = (kernels: Kernels, parameter: Parameter) => kernels.f32(parameter.value.length);

function adam(kernels: Kernels, parameters: readonly Parameter[], settings: OptimiserSettings): Optimiser {
  const slots = parameters.map((parameter) => ({
    parameter,
    m: moment(kernels, parameter),
    v: moment(kernels, parameter),
  }));
  const options: { -readonly [K in keyof AdamOptions]: AdamOptions[K] } = {
    ...decayed(settings, ADAM_EPS),
    weightDecay: settings.weightDecay,
    decoupled: settings.decoupled,
    beta1: BETA1,
    beta2: BETA2,
    step: 0,
  };
  const optimiser: Optimiser = {
    sparse: settings.optimizer === "lazy_adam",
    steps: 0,
    state: Object.fromEntries(
      slots.flatMap(({ parameter, m, v }) => [
        [`m/${parameter.name}`, m],
        [`v/${parameter.name}`, v],
      ]),
    ),
    step(touched) {
      options.step = ++optimiser.steps;
      for (const { parameter, m, v } of slots) {
        const { value, grad, cols, entity } = parameter;
        const rows = optimiser.sparse && entity ? touched?.[entity] : undefined;
        if (rows) kernels.lazyAdam(value, grad, m, v, cols, rows, rows.length, options);
        else kernels.adam(value, grad, m, v, value.length, options);
      }
    },
  };
  return optimiser;
}

function adagrad(kernels: Kernels, parameters: readonly Parameter[], settings: OptimiserSettings): Optimiser {
  const slots = parameters.map((parameter) => ({ parameter, sum: moment(kernels, parameter) }));
  const options = decayed(settings, ADAGRAD_EPS);
  const optimiser: Optimiser = {
    sparse: false,
    steps: 0,
    state: Object.fromEntries(slots.map(({ parameter, sum }) => [`sum/${parameter.name}`, sum])),
    step() {
      optimiser.steps++;
      for (const { parameter, sum } of slots) {
        shrink(parameter, settings);
        kernels.adagrad(parameter.value, parameter.grad, sum, parameter.value.length, options);
      }
    },
  };
  return optimiser;
}

function sgd(kernels: Kernels, parameters: readonly Parameter[], settings: OptimiserSettings): Optimiser {
  const options = decayed(settings, 0);
  const optimiser: Optimiser = {
    sparse: false,
    steps: 0,
    state: {},
    step() {
      optimiser.steps++;
      for (const parameter of parameters) {
        shrink(parameter, settings);
        kernels.sgd(parameter.value, parameter.grad, parameter.value.length, options);
      }
    },
  };
  return optimiser;
}

/** Options of a kernel whose gradient takes the decay, none when it is decoupled. */
const decayed = (settings: OptimiserSettings, eps: number): StepOptions => ({
  learningRate: settings.learningRate,
  weightDecay: settings.decoupled ? 0 : settings.weightDecay,
  eps,
});

/** Decoupled decay (Loshchilov & Hutter 2019) for kernels that have none: w ← (1 - lr·wd) w. */
function shrink(parameter: Parameter, settings: OptimiserSettings): void {
  if (!settings.decoupled || settings.weightDecay === 0) return;
  const factor = 1 - settings.learningRate * settings.weightDecay;
  for (let i = 0; i < parameter.value.length; i++) parameter.value[i] = (parameter.value[i] as number) * factor;
}
