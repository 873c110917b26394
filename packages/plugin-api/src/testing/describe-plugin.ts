import type { Plugin } from "../define.js";
import type { Kernels } from "../kernels.js";
import { manifestOf } from "../manifest-of.js";
import type { Tf } from "../model.js";
import { checkEnsemble } from "./check-ensembles.js";
import { type LossNotes, lossChecks } from "./check-losses.js";
import { checkManifest, checkManifestIsCurrent, checkStage } from "./check-manifest.js";
import { type ModelNotes, modelChecks } from "./check-models.js";

/** The two functions of a test runner that the kit needs: vitest's, or those of `node:test`. */
export interface TestHooks {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => void | Promise<void>): unknown;
}

export interface DescribeOptions {
  /** TensorFlow.js with a back-end and gradients (`registerGradients` of `@kdp/plugin-api/gradients`). */
  tf(): Tf | Promise<Tf>;
  /** `createKernels` of `@kdp/kernels`. */
  kernels(): Kernels | Promise<Kernels>;
  /** The manifest that the package ships, parsed; left out, it is not compared with the code. */
  readonly manifest?: unknown;
  /** What the kit should know of single stages, by name. */
  readonly losses?: Readonly<Record<string, LossNotes>>;
  readonly models?: Readonly<Record<string, ModelNotes>>;
  readonly ensembles?: Readonly<Record<string, { readonly params?: Readonly<Record<string, unknown>> }>>;
}

/**
 * Checks that a plugin keeps the promises of the plugin API: a valid and current manifest with every argument documented;
 * losses that are differentiable, the same under a seed, free of leaks, resumable, and equal in all their forms; models whose
 * forms and scores agree; ensembles that rank.
 *
 * @example
 * import { createKernels } from "@kdp/kernels";
 * import { registerGradients } from "@kdp/plugin-api/gradients";
 * import { describePlugin } from "@kdp/plugin-api/testing";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { describe, it } from "vitest";
 * import plugin from "./index.js";
 *
 * registerGradients(tf);
 * describePlugin(plugin, { describe, it }, { tf: () => tf, kernels: createKernels });
 */
export function describePlugin(plugin: Plugin, { describe, it }: TestHooks, options: DescribeOptions): void {
  const manifest = manifestOf(plugin);
  unknownNotes(plugin, options);

  describe(`${plugin.name} ${plugin.version}`, () => {
    describe("manifest", () => {
      it("is valid", () => checkManifest(plugin));
      if (options.manifest !== undefined) {
        it("is current", () => checkManifestIsCurrent(plugin, options.manifest));
      }
      for (const [name, stage] of Object.entries(manifest.stages)) {
        it(`documents ${stage.kind} ${name}`, () => checkStage(name, stage, manifest));
      }
    });

    for (const [name, loss] of Object.entries(plugin.losses ?? {})) {
      describe(`loss ${name}`, () => {
        const notes = options.losses?.[name] ?? {};
        for (const { title, applies, run } of lossChecks) {
          if (applies?.(notes) === false) continue;
          it(title, async () => run({ tf: await options.tf(), kernels: await options.kernels(), loss, notes }));
        }
      });
    }

    for (const [name, model] of Object.entries(plugin.models ?? {})) {
      describe(`model ${name}`, () => {
        const notes = options.models?.[name] ?? {};
        for (const { title, applies, run } of modelChecks) {
          if (applies?.(model, notes) === false) continue;
          it(title, async () => run({ tf: await options.tf(), kernels: await options.kernels(), model, notes }));
        }
      });
    }

    for (const [name, ensemble] of Object.entries(plugin.ensembles ?? {})) {
      it(`ensemble ${name} gives a valid ranking, the same each time`, async () => {
        checkEnsemble(ensemble, await options.kernels(), options.ensembles?.[name]?.params ?? {});
      });
    }
  });
}

/** @throws Error for notes on a stage that the plugin has not: most likely a slip of the pen that would skip nothing */
function unknownNotes(plugin: Plugin, options: DescribeOptions): void {
  for (const kind of ["losses", "models", "ensembles"] as const) {
    const known = Object.keys(plugin[kind] ?? {});
    const wrong = Object.keys(options[kind] ?? {}).filter((name) => !known.includes(name));
    if (wrong.length > 0) throw new Error(`${plugin.name} has no ${kind} named ${wrong.join(", ")}`);
  }
}
