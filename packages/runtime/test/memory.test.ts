import type { PlanResult } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { LibraryProject } from "./support/library-project.js";

const USERS = 8000;
const ITEMS = 4000;
const PER_USER = 25;

/** Items that differ within a user; the first come more often than the last. */
function interactions(): string {
  const rows = ["user\titem"];
  for (let user = 0; user < USERS; user++) {
    let item = (user * 17) % 40;
    for (let n = 0; n < PER_USER; n++) {
      rows.push(`u${user}\ti${item % ITEMS}`);
      item += 1 + ((user * 31 + n * n * 7) % 149);
    }
  }
  return `${rows.join("\n")}\n`;
}

const SPLIT = `  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
`;
const pipeline = (body: string) => `kdp 1
pipeline sizes {
${SPLIT}${body}}
`;
const ONE = (
  dim: number,
) => `  let mf = split.train -> bprmf(dim: ${dim}, epochs: 1, batch: 4096, optimizer: "lazy_adam")
  let scores = mf -> evaluate(on: split.test, metrics: [ndcg@10], candidates: 99)
`;
const SEVERAL = `${ONE(1024)}  let flat = split.train -> bprmf(dim: 1024, epochs: 1, batch: 8192, optimizer: "sgd")
  let graph = split.train -> lightgcn(dim: 256, layers: 1, epochs: 1, batch: 200000)
  let vae = split.train -> multi_vae(hidden: [512, 16], epochs: 1, batch: 2000)
  let student = mf -> distill(rrd(pool: 200)) -> bprmf(dim: 8, epochs: 1, batch: 4096, optimizer: "lazy_adam")
  let chosen = split.train -> bprmf(dim: 256, epochs: 1, batch: 8192, optimizer: "adagrad", valid: split.valid, early_stop: ndcg@10, valid_candidates: 500)
  let others = [flat, graph, vae, student, chosen] -> each evaluate(on: split.test, metrics: [ndcg@10], candidates: 9)
`;

const estimates = (planned: PlanResult) => new Map((planned.nodes ?? []).map(({ id, memory }) => [id, memory]));

/** What every worker holds, whatever it computes: an estimate that were nothing else would be right for small nodes. */
const PROCESS = 95e6;

describe("memory that kdp plan tells", () => {
  it("is not known before the data set is read, but for a guess from the size of its file", async () => {
    const at = new LibraryProject();
    at.write("data.tsv", "user\titem\nu1\ti1\nu1\ti2\nu1\ti3\n");
    const found = estimates(await at.planText(pipeline(ONE(16))));
    expect(found.get("split/dataset")).toMatchObject({ basis: "file", bytes: expect.any(Number), why: null });
    expect(found.get("mf")).toEqual({ bytes: null, basis: "unknown", why: "the data set has not been read yet" });
  });

  it.runIf(process.platform === "linux")(
    "is within a factor of two of what is measured, for models, losses and sizes",
    { timeout: 240_000 },
    async () => {
      const at = new LibraryProject();
      at.write("data.tsv", interactions());
      const read = await at.runText(
        pipeline(
          "  let scores = split.train -> popularity() -> evaluate(on: split.test, metrics: [ndcg@10], candidates: 9)\n",
        ),
      );
      expect(read.exitCode).toBe(0);
      for (const [name, body] of [
        ["small", ONE(16)],
        ["large", SEVERAL],
      ] as const) {
        const planned = estimates(await at.planText(pipeline(body)));
        const { manifest, exitCode } = await at.runText(pipeline(body), { jobs: 1 });
        expect(exitCode).toBe(0);
        const computed = manifest?.nodes.filter(({ status }) => status === "ran") ?? [];
        expect(computed.length).toBe(name === "small" ? 2 : 13);
        for (const { id, peakRssBytes } of computed) {
          const { bytes, basis } = planned.get(id) ?? { bytes: null, basis: null };
          expect([id, basis]).toEqual([id, "data"]);
          const [told, measured] = [bytes ?? Number.NaN, peakRssBytes ?? Number.NaN];
          expect(told / measured, `${name}: ${id} took ${measured}, expected ${told}`).toBeGreaterThan(0.5);
          expect(told / measured, `${name}: ${id} took ${measured}, expected ${told}`).toBeLessThan(2);
        }
        // Measured again as what lies beyond the process itself, for the nodes of which that is most.
        const large = computed.filter(({ peakRssBytes }) => (peakRssBytes ?? 0) > 2 * PROCESS);
        for (const { id, peakRssBytes } of large) {
          const ratio = ((planned.get(id)?.bytes ?? Number.NaN) - PROCESS) / ((peakRssBytes ?? Number.NaN) - PROCESS);
          expect(ratio, `${name}: ${id} beyond the process`).toBeGreaterThan(0.5);
          expect(ratio, `${name}: ${id} beyond the process`).toBeLessThan(2);
        }
        if (name === "large") expect(large.length).toBeGreaterThan(2);
      }
    },
  );

  it("above @run(memory:) ends plan and run before anything is computed", async () => {
    const at = new LibraryProject();
    at.write("data.tsv", "user\titem\nu1\ti1\nu1\ti2\nu1\ti3\nu2\ti1\nu2\ti2\nu2\ti3\n");
    const bounded = (memory: string) =>
      pipeline(`  @run(memory: ${memory})
  let mf = split.train -> bprmf(dim: 4, epochs: 1)
  let scores = mf -> evaluate(on: split.test, metrics: [ndcg@1])
`);
    // The first run knows no sizes before it has read the data: then the node is refused when it would start.
    const first = await at.runText(bounded("1MB"));
    expect(first.exitCode).toBe(2);
    expect(first.statuses).toMatchObject({ "split/dataset": "ran", split: "ran", mf: "failed", scores: "skipped" });
    expect(first.manifest?.nodes.find(({ id }) => id === "mf")?.fault).toMatchObject({ code: "KDP5514", place: "mf" });
    const second = await at.runText(bounded("1MB"));
    expect(second.manifest).toBeNull();
    expect(second.faults).toEqual([expect.objectContaining({ code: "KDP5514", place: "mf" })]);
    expect((await at.planText(bounded("1MB"))).exitCode).toBe(2);
    expect((await at.runText(bounded("2GB"))).exitCode).toBe(0);
  });

  it("above 4 GiB of tables ends the run before anything is computed", async () => {
    const at = new LibraryProject();
    at.write("data.tsv", "user\titem\nu1\ti1\nu1\ti2\nu1\ti3\nu2\ti1\nu2\ti2\nu2\ti3\n");
    const wide = (dim: number) =>
      pipeline(`  let mf = split.train -> bprmf(dim: ${dim}, epochs: 1)
  let scores = mf -> evaluate(on: split.test, metrics: [ndcg@1])
`);
    const first = await at.runText(wide(60_000_000));
    expect(first.statuses).toMatchObject({ split: "ran", mf: "failed" });
    expect(first.manifest?.nodes.find(({ id }) => id === "mf")?.fault).toMatchObject({ code: "KDP8015" });
    const second = await at.runText(wide(60_000_000));
    expect(second.manifest).toBeNull();
    expect(second.faults).toEqual([expect.objectContaining({ code: "KDP8015", place: "mf" })]);
  });
});
