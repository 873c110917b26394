import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { FusedIO, Kernels, RankingTable, StudentView, TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld, type TrialOptions } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSameGradient, expectSlopes } from "../../../test/compare.js";
import { type Golden, golden } from "../../../test/golden.js";
import { loadTf } from "../../../test/tensorflow.js";
import { importance } from "../../ensembles/importance.js";
import { hetcomp } from "./hetcomp.js";

let tf: Tf;
let kernels: Kernels;
beforeAll(async () => {
  tf = await loadTf();
  kernels = await createKernels();
});

const world = sampleWorld({ users: 12, items: 60, ranking: 25 });
const teachers: readonly TeacherView[] = [0, 1, 2].map((seed) => ({
  ...sampleWorld({ users: 12, items: 60, ranking: 25, seed }).teacher,
  name: `t${seed}`,
  // Snapshots of one world, so that no train item is ranked.
  trajectory: (world.teacher.trajectory ?? []).map((_, s, all) => all[(s + seed) % all.length] as RankingTable),
}));
const params = { top: 20, observed: 3, compare: 10, every: 2, overall_weight: 1, rank_weight: 1 };
const trialOf = (more: Partial<TrialOptions> = {}) =>
  lossTrial({ tf, kernels, loss: hetcomp, world, teachers, params, ...more });

/** Teachers whose only snapshot is their last: the ranking phase from the start. */
const settled = teachers.map((t) => ({ ...t, trajectory: t.trajectory?.slice(-1) ?? [] }));

/** The released code's tiny problem: 2 users, 24 items, one teacher whose lists are given. */
function goldenTrial(g: Golden, snapshots: 1 | 2) {
  const { user, pos, top } = g.hetcomp_inputs;
  const list: RankingTable = { rows: 2, k: 20, ids: Int32Array.from(top.flat()), scores: null };
  const sorted = pos.map((items) => [...items].sort((a, b) => a - b));
  const teacher: TeacherView = {
    name: "t",
    trajectory: new Array<RankingTable>(snapshots).fill(list),
    // Puts each user's train items in the given order.
    scores: ({ ids, others, rows, k }, out) => {
      for (let at = 0; at < rows * k; at++) {
        out[at] = -(pos[ids[Math.floor(at / k)] as number] as readonly number[]).indexOf(others[at] as number);
      }
    },
  };
  const item = Array.from({ length: 24 }, (_, i) => [Math.sin(i + 1), Math.cos(2 * i)]);
  return lossTrial({
    tf,
    kernels: createPlainKernels(),
    loss: hetcomp,
    world: {
      ...sampleWorld({ users: 2, items: 24 }),
      train: { users: 2, items: 24, offsets: Int32Array.of(0, 2, 4), itemIds: Int32Array.from(sorted.flat()) },
    },
    teachers: [teacher],
    params: { top: 20, overall_weight: 1, rank_weight: 1 },
    student: { user: user.flat(), item: item.flat(), cols: 2 },
  });
}

describe("hetcomp", () => {
  it.each(["hetcomp_overall", "hetcomp_rank"] as const)("gives the released code's value and gradients: %s", (name) => {
    const g = golden;
    const trial = goldenTrial(g, name === "hetcomp_overall" ? 2 : 1);
    trial.startEpoch(0);
    trial.step(batchOf([0, 1].map((u) => [u, g.hetcomp_inputs.pos[u]?.[0] as number, 23] as const)));
    for (const { value, gradients } of [trial.plain(), trial.fused()].filter((o) => o !== null)) {
      expect(Math.abs((value ?? 0) / g[name].loss - 1)).toBeLessThan(2e-6);
      const close = (found: number | undefined, want: number): void => {
        expect(Math.abs((found ?? Number.NaN) - want)).toBeLessThan(Math.max(2e-5, 1e-5 * Math.abs(want)));
      };
      for (const [i, d] of g[name].dUser.flat().entries()) close(gradients.user?.[i], d);
      for (const [i, d] of g[name].dItem0.entries()) close(gradients.item?.[i], d);
    }
  });

  it("gives a value worked out by hand, in both phases", () => {
    // Items 0..3 score 0, 1, 2, 0; item 0 is in train, the list is [1, 2], K = 2, so K/2 = K/10 = 1.
    const list: RankingTable = { rows: 1, k: 2, ids: Int32Array.of(1, 2), scores: null };
    const run = (snapshots: number) => {
      const trial = lossTrial({
        tf,
        kernels: createPlainKernels(),
        loss: hetcomp,
        world: {
          ...sampleWorld({ users: 1, items: 4 }),
          train: { users: 1, items: 4, offsets: Int32Array.of(0, 1), itemIds: Int32Array.of(0) },
        },
        teachers: [{ name: "t", trajectory: new Array(snapshots).fill(list), scores: (_, out) => out.fill(0) }],
        params: { top: 2 },
        student: { user: [1], item: [0, 1, 2, 0], cols: 1 },
      });
      trial.startEpoch(0);
      trial.step(batchOf([[0, 0, 3]]));
      return [trial.value(), trial.fused()?.value];
    };
    // The rest is item 3 alone: softplus(0 - r) for r = 0, 1, 2; weight .01.
    const overall = 0.01 * [0, 1, 2].reduce((sum, r) => sum + Math.log1p(Math.exp(-r)), 0);
    for (const value of run(2)) expect(value).toBeCloseTo(overall, 7);
    // Without item 1 the rest is e^2 + 1: item 0 and item 1 against it, twice a half; weight .005.
    const rest = Math.exp(2) + 1;
    const rank = 0.005 * (Math.log(1 + rest) + Math.log(Math.E + rest) - 1);
    for (const value of run(1)) expect(value).toBeCloseTo(rank, 7);
  });

  it.each([
    { phase: "overall", teachers, more: {} },
    { phase: "rank", teachers: settled, more: {} },
    { phase: "rank, review copy", teachers: settled, more: { rank_variant: "review" } },
  ])("has the gradient of its value, and the kernels agree: $phase", (row) => {
    const trial = trialOf({ teachers: row.teachers, params: { ...params, ...row.more } });
    trial.startEpoch(0);
    trial.step(world.batch(15));
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("gives the same where the student's scores are no inner products", () => {
    for (const some of [teachers, settled]) {
      const trial = trialOf({ teachers: some });
      trial.startEpoch(0);
      const batch = world.batch(15);
      trial.step(batch);
      const wanted = trial.fused();
      const { dot, ...student } = trial.student;
      expect(dot).toBeDefined();
      trial.student.clearGradients();
      const io: FusedIO = { batch, student, state: {}, weight: 1 };
      expect(trial.instance.fused?.cpu?.(io)).toBeCloseTo(wanted?.value ?? Number.NaN, 3);
      const { dUser, dItem } = trial.student.tables;
      expectSameGradient({ user: dUser, item: dItem }, wanted?.gradients ?? {}, 1e-5);
    }
  });

  it("keeps all digits of a small rest beside large listed scores, and lives with no rest at all", () => {
    const list: RankingTable = { rows: 1, k: 3, ids: Int32Array.of(1, 2, 3), scores: null };
    const run = (top: number) => {
      const trial = lossTrial({
        tf,
        kernels,
        loss: hetcomp,
        world: {
          ...sampleWorld({ users: 1, items: 4 }),
          train: { users: 1, items: 4, offsets: Int32Array.of(0, 1), itemIds: Int32Array.of(0) },
        },
        teachers: [{ name: "t", trajectory: [list, list], scores: (_, out) => out.fill(0) }],
        params: { top, overall_weight: 1 },
        student: { user: [1], item: [30, 20, 20, 0], cols: 1 },
      });
      trial.startEpoch(0);
      trial.step(batchOf([[0, 0, 3]]));
      return trial;
    };
    // Rest: item 3, e^0, beside listed e^20 + e^20, whose float32 sum would swallow it.
    const want = 2 * Math.log1p(Math.exp(-20)) + Math.log1p(Math.exp(-30));
    expect(run(2).fused()?.value).toBeCloseTo(want, 12);
    const none = run(3);
    expect(none.fused()?.value).toBe(0);
    expect(none.value()).toBe(0);
    expect([...(none.fused()?.gradients.item ?? [])].every((d) => d === 0)).toBe(true);
  });

  it("teaches the importance ensemble's list once all snapshots are the last ones", () => {
    // All snapshots are there for the spread; the states say which one is shown.
    const trial = trialOf();
    trial.instance.restore?.({
      states: new Int32Array(12 * 3).fill(3),
      distances: new Int32Array(12 * 3),
    });
    expect(trial.instance.phase?.()).toBe(1);
    const crowd = importance.combine({
      params: { top: 20, depth: 20, rank_scale: 10, spread_scale: 100, consistency: true },
      users: 12,
      items: 60,
      train: world.train,
      members: teachers.map((t) => ({
        ...t,
        ranking: cut(t.trajectory?.at(-1) as RankingTable, 20),
        trajectory: t.trajectory?.map((r) => cut(r, 20)) ?? [],
      })),
      kernels,
    } as unknown as Parameters<typeof importance.combine>[0]);
    trial.startEpoch(1);
    for (const { ids, others, rows, k } of Object.values(trial.step(world.batch(60)).scores ?? {})) {
      for (let r = 0; r < rows; r++) {
        const user = ids[r] as number;
        const listed = [...others.subarray(r * k, (r + 1) * k)].slice(k - 20);
        expect(listed).toEqual([...crowd.ids.subarray(user * 20, user * 20 + 20)]);
      }
    }
  });

  it("orders observed items by the teachers, and lists no train item among the others", () => {
    const trial = trialOf({ teachers: [teachers[0] as TeacherView] });
    trial.startEpoch(0);
    const score = (u: number, i: number) => {
      const out = new Float32Array(1);
      teachers[0]?.scores?.({ side: "user", ids: Int32Array.of(u), others: Int32Array.of(i), rows: 1, k: 1 }, out);
      return out[0] as number;
    };
    for (const { ids, others, rows, k } of Object.values(trial.step(world.batch(60)).scores ?? {})) {
      for (let r = 0; r < rows; r++) {
        const u = ids[r] as number;
        const known = [...world.train.itemIds.subarray(world.train.offsets[u], world.train.offsets[u + 1])];
        const observed = Math.min(3, known.length);
        const own = [...others.subarray(r * k, (r + 1) * k)];
        const best = known.sort((a, b) => score(u, b) - score(u, a)).slice(0, observed);
        expect(own.slice(0, observed)).toEqual(best);
        expect(own.slice(observed).some((item) => known.includes(item))).toBe(false);
      }
    }
  });

  it("looks at the student every `every` epochs, and goes on from a carry as if nothing had happened", () => {
    let looks = 0;
    const watched = (view: StudentView): StudentView => ({
      ...view,
      topK: (k) => {
        looks++;
        return view.topK(k);
      },
    });
    const whole = trialOf();
    const first = trialOf();
    const view = watched(whole.student.view(world.train));
    const epochs = (trial: typeof whole, from: number, to: number) => {
      for (let epoch = from; epoch < to; epoch++) trial.instance.startEpoch?.(epoch, view);
    };
    // α has decayed below 1 after ten looks: from epoch 20 on everybody advances.
    epochs(whole, 0, 23);
    expect(looks).toBe(11);
    epochs(first, 0, 21);
    const second = trialOf();
    second.instance.restore?.(first.instance.carry?.() ?? {});
    epochs(second, 21, 23);
    expect(second.instance.carry?.()).toEqual(whole.instance.carry?.());
    expect([...(whole.instance.carry?.().states ?? [])].some((v) => v > 0)).toBe(true);
    for (const trial of [whole, second]) trial.step(world.batch(15));
    expect(second.value()).toBe(whole.value());
    expect(() => trialOf().instance.restore?.({ states: new Int32Array(1) })).toThrow(/checkpoint/);
  });

  it("ends in the ranking phase, which it announces unless told not to", () => {
    const reach = (patience_reset: boolean) => {
      const trial = trialOf({ params: { ...params, patience_reset } });
      const phases: (number | undefined)[] = [];
      for (let epoch = 0; epoch < 60; epoch++) {
        trial.startEpoch(epoch);
        phases.push(trial.instance.phase?.());
      }
      return new Set(phases);
    };
    expect(reach(true)).toEqual(new Set([0, 1]));
    expect(reach(false)).toEqual(new Set([0]));
  });

  it("compares no more places than the snapshots list, and says so", () => {
    const trial = trialOf({ params: { ...params, compare: 40 } });
    expect(trial.notes).toEqual(["snapshots list 25 items: so many are compared, not 40"]);
    const asked: number[] = [];
    const view = trial.student.view(world.train);
    trial.instance.startEpoch?.(2, {
      ...view,
      topK(k) {
        asked.push(k);
        return view.topK(k);
      },
    });
    expect(asked).toEqual([25]);
    expect(trialOf().notes).toEqual([]);
  });

  it("replaces the student's own loss unless told to add it", () => {
    expect(trialOf().instance.baseWeight).toBe(0);
    expect(trialOf({ params: { ...params, base_loss: true } }).instance.baseWeight).toBeUndefined();
    expect(trialOf({ teachers: settled }).notes).toEqual(
      [0, 1, 2].map((i) => `t${i} has a single snapshot: nothing to follow`),
    );
  });
});

/** The first `k` columns of a ranking. */
function cut({ rows, k: width, ids }: RankingTable, k: number): RankingTable {
  return {
    rows,
    k,
    ids: Int32Array.from({ length: rows * k }, (_, at) => ids[Math.floor(at / k) * width + (at % k)] as number),
    scores: null,
  };
}
