import type { ModelDefinition } from "@kdp/plugin-api";
import { resolveParams } from "@kdp/plugin-api/testing";
import plugin from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { tasteAccuracy, tasteWorld, trial } from "../../test/support/training.js";

const world = tasteWorld(32, 40);
const gradientModels = Object.entries(plugin.models ?? {}).filter(([, { trained }]) => trained);

/** Arguments small enough for the little world. */
const SMALL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bprmf: { dim: 8 },
  cml: { dim: 8 },
  lightgcn: { dim: 8, layers: 2 },
  mlp: { dim: 8 },
  neumf: { dim: 8 },
  cdae: { dim: 12, negatives: 1 },
  multi_vae: { hidden: [24, 8], dropout: 0.2 },
  item_ae: { hidden: [24, 8], dropout: 0.2 },
};

const paramsOf = (name: string, definition: ModelDefinition) => resolveParams(definition.params, SMALL[name] ?? {});

describe.each(gradientModels)("%s", (name, definition) => {
  const student = { model: definition, params: paramsOf(name, definition), world };

  it("learns tastes, on its fused form and the same each time", async () => {
    const settings = { epochs: 30, batch: 64 };
    const [a, b] = [await trial({ ...student, settings }), await trial({ ...student, settings })];
    const tables = Object.fromEntries(
      Object.entries(a.tables).map(([table, fitted]) => [
        table,
        { ...fitted, values: a.kernels.f32From(fitted.values) },
      ]),
    );
    expect(tasteAccuracy(a.instance.scorer(tables), a.kernels, world)).toBeGreaterThan(0.9);
    for (const [table, { values }] of Object.entries(a.tables)) expect(b.tables[table]?.values).toEqual(values);
  });
});
