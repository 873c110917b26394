import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

const PIPELINE = `kdp 1
pipeline threads {
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let teacher = split.train -> bprmf(dim: 128, epochs: 2, learning_rate: 0.05)
  let taught = teacher -> distill(de(), on: split.train) -> bprmf(dim: 16, epochs: 16, batch: 64, valid: split.valid)
  let scores = taught -> evaluate(on: split.test, metrics: [hit@5])
}
`;

/** Every table in the store by its path, byte for byte. */
function tables(folder: string): Record<string, string> {
  const store = join(folder, ".kdp", "store");
  const files = readdirSync(store, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".arrow"));
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(join(store, file)).toString("base64")]));
}

it("a node that runs alone may use the threads of free slots: the same artefacts under the same keys", async () => {
  const run = async (jobs: number) => {
    const at = new LibraryProject();
    at.write("data.tsv", tastes());
    const { exitCode, manifest } = await at.runText(PIPELINE, { jobs });
    expect(exitCode).toBe(0);
    const threads = Object.fromEntries((manifest?.nodes ?? []).map(({ id, threads }) => [id, threads]));
    return { threads, keys: manifest?.nodes.map(({ key }) => key), tables: tables(at.folder) };
  };
  const [one, several] = [await run(1), await run(3)];
  expect(Object.keys(one.tables).length).toBeGreaterThan(10);
  expect(several.tables).toEqual(one.tables);
  expect(several.keys).toEqual(one.keys);
  expect(Object.values(one.threads)).toEqual(Object.values(one.threads).map(() => 1));
  // How soon helpers come is the machine's affair; no more than were granted may.
  expect(several.threads.taught).toBeGreaterThanOrEqual(1);
  expect(several.threads.taught).toBeLessThanOrEqual(Math.min(3, availableParallelism()));
});
