import { createKernels } from "@kdp/kernels";
import {
  defineLoss,
  definePlugin,
  float,
  int,
  type LossInstance,
  manifestOf,
  type Plugin,
  type Tf,
} from "@kdp/plugin-api";
import { type DescribeOptions, describePlugin } from "@kdp/plugin-api/testing";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { loadTf } from "./tensorflow.js";

const weight = float({ default: 0.1, min: 0, doc: "Factor of the loss.", source: "this test" });

/** Squared distance of the student's users to a tenth of the teacher's first columns: a sound loss. */
const sound = (): LossInstance => ({
  request: (batch) => ({ rows: { user: batch.uniqueUsers } }),
  loss({ tf, student, teachers }) {
    const rows = student.user as Tensor2D;
    const target = tf.slice(teachers[0]?.user as Tensor2D, [0, 0], rows.shape);
    return tf.sum(tf.squaredDifference(rows, tf.mul(target, 0.1)));
  },
});

function pluginOf(create: () => LossInstance, more: Partial<Plugin> = {}): Plugin {
  return definePlugin({
    name: "@acme/kdp-toy",
    version: "1.0.0",
    api: "^1.0.0",
    losses: {
      toy: defineLoss({
        doc: "A toy.",
        needs: ["embeddings"],
        teachers: "one",
        studentNeeds: ["embeddings"],
        params: { weight },
        create,
      }),
    },
    ...more,
  });
}

/** Titles of the checks that a plugin does not pass, with the reasons. */
async function failures(plugin: Plugin, options: Partial<DescribeOptions> = {}): Promise<Record<string, string>> {
  const tests: [string, () => void | Promise<void>][] = [];
  const hooks = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string, body: () => void | Promise<void>) => tests.push([title, body]),
  };
  describePlugin(plugin, hooks, { tf: loadTf, kernels: createKernels, ...options });
  expect(tests.length).toBeGreaterThan(7);
  const failed: Record<string, string> = {};
  for (const [title, body] of tests) {
    try {
      await body();
    } catch (error) {
      failed[title] = (error as Error).message;
    }
  }
  return failed;
}

/** The sound loss with its TensorFlow.js form replaced. */
const withLoss = (loss: (tf: Tf, inner: () => Scalar) => Scalar) => (): LossInstance => {
  const instance = sound();
  return { ...instance, loss: (io) => loss(io.tf, () => instance.loss(io)) };
};

describe("describePlugin", () => {
  it("passes a sound plugin", async () => {
    const plugin = pluginOf(sound);
    expect(await failures(plugin, { manifest: JSON.parse(JSON.stringify(manifestOf(plugin))) })).toEqual({});
  });

  it("finds a gradient that is not the slope of the value", async () => {
    const plugin = pluginOf(
      withLoss((tf, inner) => {
        const skewed = tf.customGrad((x) => ({ value: x as Tensor, gradFunc: (dy: Tensor) => tf.mul(dy, 1.05) }));
        return skewed(inner()) as Scalar;
      }),
    );
    expect(await failures(plugin)).toEqual({
      "has the gradient of its value": expect.stringContaining("the gradient of user is not the slope"),
    });
  });

  it("finds a kernel form that computes something else", async () => {
    const plugin = pluginOf(() => {
      const instance = sound();
      return { ...instance, fused: { cpu: () => 1 } };
    });
    expect(Object.keys(await failures(plugin))).toEqual([
      "computes the same by kernels as by TensorFlow.js, where it has kernels",
    ]);
  });

  it("finds chance that no seed governs, a tensor left behind, and a view that was not asked for", async () => {
    let calls = 0;
    const chance = pluginOf(withLoss((tf, inner) => tf.mul(inner(), 1 + calls++ / 100)));
    expect(Object.keys(await failures(chance))).toContain("is the same under the same seed");
    const leak = pluginOf(
      withLoss((tf, inner) => {
        tf.keep(tf.scalar(1));
        return inner();
      }),
    );
    expect(await failures(leak)).toEqual({
      "leaves no tensor and no kernel memory behind": expect.stringContaining("tensors are left"),
    });
    const greedy = defineLoss({
      doc: "Reads a ranking without declaring it.",
      needs: [],
      teachers: "one",
      studentNeeds: [],
      params: { weight },
      create: ({ teachers }) => {
        if (!teachers[0]?.ranking) throw new Error("no ranking");
        return sound();
      },
    });
    expect((await failures(pluginOf(sound, { losses: { greedy } })))["is the same under the same seed"]).toBe(
      "no ranking",
    );
  });

  it("finds a loss that depends on the order of rows, and one that forgets over a restart", async () => {
    const ordered = pluginOf(() => {
      let first = 0;
      const instance = sound();
      return {
        ...instance,
        request(batch) {
          first = batch.users[0] ?? 0;
          return instance.request(batch);
        },
        loss: (io) => io.tf.mul(instance.loss(io), 1 + first),
      };
    });
    expect(Object.keys(await failures(ordered))).toEqual(["does not depend on the order of the batch"]);
    const forgetful = pluginOf(() => {
      let epochs = 0;
      const instance = sound();
      return { ...instance, startEpoch: () => void epochs++, loss: (io) => io.tf.mul(instance.loss(io), epochs) };
    });
    expect(Object.keys(await failures(forgetful))).toEqual([
      "goes on from what it carries as if it had not been interrupted",
    ]);
  });

  it("finds a loss that a student of zeros breaks", async () => {
    const plugin = pluginOf(() => ({
      request: (batch) => ({ rows: { user: batch.uniqueUsers } }),
      // The cosine without a guard: 0 / 0 for a row of zeros.
      loss({ tf, student }) {
        const rows = student.user as Tensor2D;
        return tf.sum(tf.div(rows, tf.norm(rows, 2, 1, true)));
      },
    }));
    expect(Object.keys(await failures(plugin))).toEqual([
      "stays finite for a student of zeros, and where there is little to learn from",
    ]);
  });

  it("finds what is wrong with a manifest", async () => {
    const undocumented = pluginOf(sound, {
      losses: {
        toy: defineLoss({
          doc: "A toy.",
          needs: [],
          teachers: "one",
          studentNeeds: [],
          rankTop: "pool",
          params: { weight, depth: int({ default: 0, min: 1, doc: "" }) },
          create: sound,
        }),
      },
      aliases: { other: { stage: "missing", preset: {} } },
    });
    const found = await failures(undocumented, { manifest: {} });
    expect(found["documents loss toy"]).toBe("toy(depth:) has no doc");
    expect(found["is valid"]).toMatch(/alias "other"/);
    expect(found["is current"]).toMatch(/build the plugin again/);
  });

  it("refuses notes on a stage that is not there", () => {
    expect(() =>
      describePlugin(pluginOf(sound), { describe, it }, { tf: loadTf, kernels: createKernels, losses: { tyo: {} } }),
    ).toThrow(/no losses named tyo/);
  });
});
