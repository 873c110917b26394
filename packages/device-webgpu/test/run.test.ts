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
  let scores = student -> evaluate(on: split.test, metrics: [recall@10, ndcg@10])
}
`;

interface Told {
  readonly nodes: readonly { readonly name: string; readonly device: string | null; readonly status: string }[];
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
        ["scores", null, "ran"],
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
