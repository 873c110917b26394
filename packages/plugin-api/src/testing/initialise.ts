import type { Kernels } from "../kernels.js";
import type { Parameter, ParameterSpec } from "../parameters.js";
import type { RandomStream } from "../random.js";

/** A parameter in kernel memory with its starting values. */
export function initialise(spec: ParameterSpec, kernels: Kernels, stream: RandomStream): Parameter {
  const value = kernels.f32(spec.rows * spec.cols);
  const { init } = spec;
  const uniform = (bound: number) => stream.fillUniform(value, -bound, bound);
  if (init.kind === "normal") stream.fillNormal(value, init.stddev);
  else if (init.kind === "uniform") uniform(init.bound);
  else if (init.kind === "xavier-uniform") uniform(Math.sqrt(6 / (init.fanIn + init.fanOut)));
  else if (init.kind === "kaiming-uniform") uniform(Math.sqrt(6 / ((1 + init.a * init.a) * init.fanIn)));
  return { ...spec, value, grad: kernels.f32(value.length) };
}
