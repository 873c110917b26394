import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "../../cli/test/kdp.js";
import { reasonToSkip } from "./adapter.js";

const reason = await reasonToSkip();

/** Users of five tastes. */
function tastes(): string {
  const rows = ["user\titem"];
  for (let u = 0; u < 40; u++) {
    for (let i = u % 5; i < 60; i += 5) if ((7 * i + 3 * u) % 4 !== 0) rows.push(`u${u}\ti${i}`);
  }
  return `${rows.join("\n")}\n`;
}

const pipeline = (run = "") => `kdp 1
pipeline small {
  let split = dataset("data.tsv", user: "user", item: "item") -> random_split(test: 0.2, valid: 0.2)
  let teacher = split.train -> bprmf(dim: 12, epochs: 4, batch: 200, learning_rate: 0.05)
  ${run}
  let student = teacher -> distill(cd(), on: split.train) -> bprmf(dim: 6, epochs: 4, batch: 200, learning_rate: 0.05, valid: split.valid, early_stop: ndcg@10)
  let scores = student -> evaluate(on: split.test, metrics: [recall@10, ndcg@10, coverage@5])
}
`;

interface Told {
  readonly nodes: readonly {
    readonly name: string;
    readonly key: string;
    readonly device: string | null;
    readonly status: string;
  }[];
  readonly metrics: readonly { readonly metric: string; readonly value: number }[];
  readonly environment: { readonly device: string; readonly deviceFound: string; readonly deviceWhy: string };
}

describe.skipIf(reason !== null)(`kdp run --device webgpu${reason === null ? "" : ` (${reason})`}`, () => {
  it("gives the metrics of the CPU, under keys of its own, and says what it used", async () => {
    const there = project({
      "data.tsv": tastes(),
      "small.kdp": pipeline(),
      "mixed.kdp": pipeline('@run(device: "cpu")'),
    });
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await there.kdp(["run", ...args, "--json"]);
      expect(code, stderr).toBe(0);
      return { told: JSON.parse(stdout) as Told, stderr };
    };
    const cpu = await run("small.kdp", "--device", "cpu");
    const gpu = await run("small.kdp", "--device", "webgpu");
    expect(gpu.told.environment).toMatchObject({ device: "webgpu", deviceWhy: "asked for" });
    expect(gpu.stderr).toContain(`device  webgpu (${gpu.told.environment.deviceFound}; asked for)`);
    const statuses = (told: Told) => told.nodes.map(({ name, device, status }) => [name, device, status]);
    expect(statuses(gpu.told)).toEqual(
      expect.arrayContaining([
        ["split", null, "hit"],
        ["teacher", "webgpu", "ran"],
        ["student", "webgpu", "ran"],
        ["scores", "webgpu", "ran"],
      ]),
    );
    expect(gpu.told.metrics.length).toBe(cpu.told.metrics.length);
    gpu.told.metrics.forEach(({ metric, value }, i) => {
      expect(metric).toBe(cpu.told.metrics[i]?.metric);
      expect(Math.abs(value - (cpu.told.metrics[i]?.value ?? 0))).toBeLessThan(0.02);
    });

    // The teacher is that of the run before; the student moves to the CPU.
    const mixed = await run("mixed.kdp", "--device", "webgpu");
    expect(statuses(mixed.told)).toEqual(
      expect.arrayContaining([
        ["teacher", "webgpu", "hit"],
        ["student", "cpu", "ran"],
      ]),
    );
    there.dispose();
  });

  it("ranks there with the CPU's bits, under the CPU's keys", async () => {
    const text = `kdp 1
pipeline ranked {
  let split = dataset("data.tsv", user: "user", item: "item") -> random_split(test: 0.2, valid: 0.2)
  @run(device: "cpu")
  let teacher = split.train -> bprmf(dim: 12, epochs: 4, batch: 200, learning_rate: 0.05)
  let lists = teacher -> rank(top: 20, item_top: 10)
  let of_lists = lists -> evaluate(on: split.test, metrics: [recall@10])
  let scores = teacher -> evaluate(on: split.test, metrics: [recall@10, ndcg@10, coverage@5])
}
`;
    const files = { "data.tsv": tastes(), "ranked.kdp": text };
    const [here, there] = [project(files), project(files)];
    const run = async ({ kdp }: typeof here, device: string) => {
      const { code, stdout, stderr } = await kdp(["run", "ranked.kdp", "--device", device, "--json"]);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Told;
    };
    const tablesOf = ({ folder }: typeof here, { nodes }: Told) => {
      const { key } = nodes.find(({ name }) => name === "lists") ?? { key: "" };
      const meta = readFileSync(join(folder, ".kdp", "store", key.slice(0, 2), key, "artefact.json"), "utf8");
      return JSON.parse(meta).tables;
    };
    const cpu = await run(here, "cpu");
    const gpu = await run(there, "webgpu");
    const devices = ({ nodes }: Told) => Object.fromEntries(nodes.map(({ name, device }) => [name, device]));
    const ran = { split: null, teacher: "cpu", of_lists: null };
    expect(devices(cpu)).toMatchObject({ ...ran, lists: null, scores: null });
    expect(devices(gpu)).toMatchObject({ ...ran, lists: "webgpu", scores: "webgpu" });
    expect(gpu.nodes.map(({ key }) => key)).toEqual(cpu.nodes.map(({ key }) => key));
    expect(gpu.metrics).toEqual(cpu.metrics);
    expect(tablesOf(there, gpu)).toEqual(tablesOf(here, cpu));
    // So what one has computed serves the other, which says where it was ranked.
    const again = await run(here, "webgpu");
    expect(again.nodes.every(({ status }) => status === "hit")).toBe(true);
    expect(devices(again)).toMatchObject({ ...ran, lists: null, scores: null });
    here.dispose();
    there.dispose();
  });
});

it("tells what is missing where there is no driver", async () => {
  const there = project({ "data.tsv": tastes(), "small.kdp": pipeline() });
  const env = { VK_ICD_FILENAMES: "/nowhere/driver.json", VK_DRIVER_FILES: "/nowhere/driver.json" };
  const { code, stderr } = await there.kdp(["run", "small.kdp", "--device", "webgpu"], { env });
  if (process.platform === "linux") {
    expect(code).toBe(3);
    expect(stderr).toMatch(/KDP8011.*the device "webgpu" cannot be used here/);
    expect(stderr).toMatch(/VK_DRIVER_FILES names a file that is not there|Vulkan loader .* is not installed/);
    expect(stderr).not.toContain("start   ");
  }
  there.dispose();
});
