import type { Initializer, Kernels, Parameter, ParameterSpec, RandomStream, Streams } from "@kdp/plugin-api";

/** Bound of a uniform initialiser; formulas at {@link Initializer}. */
function uniformBound(init: Exclude<Initializer, { kind: "normal" | "zeros" }>): number {
  switch (init.kind) {
    case "uniform":
      return init.bound;
    case "kaiming-uniform":
      return Math.sqrt(6 / ((1 + init.a ** 2) * init.fanIn));
    case "xavier-uniform":
      return Math.sqrt(6 / (init.fanIn + init.fanOut));
  }
}

function fill(values: Float32Array, init: Initializer, stream: RandomStream): void {
  if (init.kind === "zeros") return;
  if (init.kind === "normal") stream.fillNormal(values, init.stddev);
  else {
    const bound = uniformBound(init);
    stream.fillUniform(values, -bound, bound);
  }
}

/**
 * Allocates and initialises parameters. Each draws from a stream of its own, named by its position, so that the start of
 * a student's tables depends on the seed and the model alone, not on what is trained beside them.
 */
export function createParameters(
  kernels: Kernels,
  specs: readonly ParameterSpec[],
  streams: Streams,
): readonly Parameter[] {
  return specs.map((spec, position) => {
    const value = kernels.f32(spec.rows * spec.cols);
    fill(value, spec.init, streams.stream("init", position));
    return { ...spec, value, grad: kernels.f32(spec.rows * spec.cols) };
  });
}

/** @throws Error when two parameters share a name (a fault of the plugin). */
export function byName(parameters: readonly Parameter[]): Readonly<Record<string, Parameter>> {
  const named: Record<string, Parameter> = {};
  for (const parameter of parameters) {
    if (named[parameter.name]) throw new Error(`two parameters are named "${parameter.name}"`);
    named[parameter.name] = parameter;
  }
  return named;
}
