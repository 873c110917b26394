import { spawnSync } from "node:child_process";
import type { GemmOptions } from "@kdp/plugin-api";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  attachKernels,
  createKernels,
  createPlainKernels,
  type SharedKernels,
  type Team,
  teamOf,
} from "../src/index.js";
import { controlBlock, FAILED, JOB_NUMBER, PENDING } from "../src/parallel/control-block.js";
import { noise, normals, sameBitsOnThreads } from "./support.js";

describe("kernels on several threads", () => {
  let k: SharedKernels;
  let team: Team;
  beforeAll(async () => {
    k = (await createKernels({ threads: 4 })) as SharedKernels;
    team = k.team as Team;
    await team.ready();
  });
  afterAll(() => team.close());

  const sameBits = (body: () => Float32Array): void => sameBitsOnThreads(k, () => [body()]);

  it("give a product the same bits with any number of threads", () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 }));
    const problem = fc.record({
      ...{ m: size, n: size, k: fc.oneof(size, fc.integer({ min: 250, max: 1100 })) },
      ...{ transA: fc.boolean(), transB: fc.boolean() },
      ...{ alpha: fc.constantFrom(1, 0, -0.3), beta: fc.constantFrom(0, 1, 0.7) },
      ...{ padA: fc.nat(9), padB: fc.nat(9), padC: fc.nat(9), seed: fc.nat(1000) },
    });
    fc.assert(
      fc.property(problem, ({ m, n, k: depth, transA, transB, alpha, beta, padA, padB, padC, seed }) => {
        k.scope(() => {
          const [lda, ldb, ldc] = [(transA ? m : depth) + padA, (transB ? depth : n) + padB, n + padC];
          const [a, b] = [
            k.f32From(noise(seed, (transA ? depth : m) * lda)),
            k.f32From(noise(seed + 1, (transB ? n : depth) * ldb)),
          ];
          const c = k.f32(m * ldc);
          const before = noise(seed + 2, m * ldc);
          const options: GemmOptions = { m, n, k: depth, a, b, c, transA, transB, lda, ldb, ldc, alpha, beta };
          sameBits(() => {
            c.set(before);
            k.gemm(options);
            return c;
          });
        });
      }),
      { numRuns: 50 },
    );
  });

  it("share the work of large products", () => {
    const x = k.f32(400 * 400);
    const c = k.f32(400 * 400);
    team.grant(4);
    while (team.used < 4) k.gemm({ m: 400, n: 400, k: 400, a: x, b: x, c });
    expect(team.used).toBe(4);
    k.free(x);
    k.free(c);
  });

  it("agree with the oracle, products inside of other kernels too", () => {
    const plain = createPlainKernels();
    team.grant(3);
    const [users, wide, narrow] = [700, 96, 20];
    const [teacher, student] = [normals(1, users * wide, 0.1), normals(2, users * narrow, 0.2)];
    const gradient = (kernels: typeof k | typeof plain): Float32Array => {
      const dStudent = kernels.f32(users * narrow);
      kernels.cosineBlocks({
        ...{
          teacher: kernels.f32From(teacher),
          teacherCols: wide,
          student: kernels.f32From(student),
          studentCols: narrow,
        },
        ...{
          offsets: kernels.i32From([0, 300, users]),
          blocks: 2,
          positiveOnly: true,
          value: true,
          weight: 0.1,
          dStudent,
        },
      });
      return dStudent.slice();
    };
    const [ours, expected] = [gradient(k), gradient(plain)];
    for (let i = 0; i < ours.length; i++) expect(ours[i]).toBeCloseTo(expected[i] as number, 3);
  });

  it("lead no helpers in a thread that opened the memory of another", () => {
    expect(attachKernels(k.memory, k.module).team).toBeNull();
    expect(teamOf(createPlainKernels())).toBeNull();
    expect(teamOf(k)).toBe(team);
  });
});

describe("a team", () => {
  const open = async (threads: number) => (await createKernels({ threads })) as SharedKernels;
  const product = (k: SharedKernels): Float32Array =>
    k.scope(() => {
      const x = k.f32From(noise(5, 300 * 300));
      const c = k.f32(300 * 300);
      k.gemm({ m: 300, n: 300, k: 300, a: x, b: x, c });
      return c.slice();
    });

  it("counts no room of its helpers as the caller's", async () => {
    const k = await open(3);
    await k.team?.ready();
    expect(k.bytesInUse).toBe(0);
    await k.team?.close();
    expect(k.bytesInUse).toBe(0);
  });

  it("computes on after it was closed, and closes twice", async () => {
    const k = await open(3);
    await k.team?.ready();
    const before = product(k);
    await k.team?.close();
    await k.team?.close();
    k.team?.grant(4);
    expect(product(k)).toEqual(before);
  });

  it("goes on without helpers when memory has no room for them", async () => {
    const k = (await createKernels({ threads: 4, maximumBytes: 2 ** 21 })) as SharedKernels;
    await k.team?.ready();
    expect(product(k).length).toBe(90_000);
    expect(k.team?.used).toBe(1);
  });

  it("says that a helper was lost instead of waiting for ever", async () => {
    const k = await open(3);
    await k.team?.ready();
    const control = controlBlock(k.memory.buffer);
    // A job that is no function: what a mistake in a kernel would be.
    const [ticket, job] = [new BigInt64Array(k.memory.buffer, 128, 1), 96];
    control.set([2 ** 30, 1, 1], job);
    Atomics.store(control, PENDING, 1);
    Atomics.store(ticket, 0, (BigInt(control[JOB_NUMBER] as number) + 1n) * 2n ** 32n + 1n);
    Atomics.notify(control, JOB_NUMBER);
    // As the leader does: the failure is told before the chunk counts as done, and until then nothing is shared.
    while (Atomics.load(control, PENDING) !== 0) Atomics.wait(control, PENDING, 1);
    expect(Atomics.load(control, FAILED)).toBe(1);
    expect(() => product(k)).toThrow(/thread of the kernels was lost: a kernel failed in it/);
    await k.team?.close();
    expect(product(k).length).toBe(90_000);
  });

  it("keeps no process alive, closed or not", () => {
    const program = `
      const { createKernels } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
      const k = await createKernels({ threads: 3 });
      await k.team.ready();
      const x = k.f32(300 * 300);
      k.gemm({ m: 300, n: 300, k: 300, a: x, b: x, c: k.f32(300 * 300) });
      process.stdout.write("computed");
    `;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([status, stdout, stderr]).toEqual([0, "computed", ""]);
  });
});
