import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestOf, type Plugin } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

/** Code of a plugin with a loss and a metric, as a package on disk holds it; `throws` makes the loss fail. */
const code = (version: string, throws = "") => `export default {
  name: "@acme/kdp-taste", version: "${version}", api: "^1",
  losses: { nudge: { doc: "Pulls towards the teacher.", params: { weight: { type: "float", doc: "Weight.", default: 0.1 } },
    needs: ["ranking"], teachers: "one", studentNeeds: ["scores"], rankTop: 5,
    create: ({ teachers, train }) => { ${throws}
      return { request: ({ uniqueUsers }) => ({ scores: { top: { side: "user", ids: uniqueUsers, rows: uniqueUsers.length, k: 1,
          others: Int32Array.from(uniqueUsers, (user) => teachers[0].ranking.ids[user * teachers[0].ranking.k]) } } }),
        loss: ({ tf, scores }) => tf.sum(tf.softplus(tf.neg(scores.top))) };
    } } },
  metrics: { first: { doc: "Whether the first item is right.", params: {}, cutoff: true, higherIsBetter: true,
    perUser: ({ ranks }) => (ranks[0] < 2 ? 1 : 0) } },
};`;

async function install(project: LibraryProject, version = "1.0.0", throws = ""): Promise<void> {
  const folder = "node_modules/@acme/kdp-taste";
  // Read back as another module each time: Node keeps what it loaded under one name.
  const entry = project.write(`${folder}/index.js`, code(version, throws));
  const { default: plugin }: { default: Plugin } = await import(`${entry}?${version}${throws}`);
  project.write(`${folder}/kdp.manifest.json`, JSON.stringify(manifestOf(plugin)));
  project.write(
    `${folder}/package.json`,
    JSON.stringify({
      name: "@acme/kdp-taste",
      version,
      type: "module",
      exports: "./index.js",
      kdp: { manifest: "./kdp.manifest.json" },
    }),
  );
}

const pipeline = (range = "^1") => `kdp 1
use "@acme/kdp-taste@${range}" as taste
pipeline p {
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let teacher = split.train -> bprmf(dim: 8, epochs: 3, learning_rate: 0.05, seed: 0)
  let kd = teacher -> distill(taste.nudge(weight: 0.2)) -> bprmf(dim: 4, epochs: 2, learning_rate: 0.05, seed: 0)
  let scores = kd -> evaluate(on: split.test, metrics: [ndcg@5, taste.first@1])
  expect scores.ndcg@5 >= 0
}
`;

async function project(): Promise<LibraryProject> {
  const made = new LibraryProject();
  made.write("data.tsv", tastes());
  await install(made);
  return made;
}

const messages = (result: { diagnostics: readonly { code: string; severity: string; message: string }[] }) =>
  result.diagnostics.filter(({ severity }) => severity === "error").map(({ code, message }) => `${code} ${message}`);

describe("a pipeline with a plugin of its own", () => {
  it("trains with its loss, measures with its metric, and pins it in kdp.lock", async () => {
    const at = await project();
    await at.planText(pipeline());
    expect(existsSync(join(at.folder, "kdp.lock")), "a plan pins nothing").toBe(false);
    const run = await at.runText(pipeline());
    expect(messages(run)).toEqual([]);
    expect(run).toMatchObject({ exitCode: 0, faults: [] });
    expect(run.manifest?.nodes.find(({ name }) => name === "kd")?.curve[0]?.losses).toMatchObject({
      nudge: expect.any(Number),
    });
    expect(run.manifest?.metrics).toContainEqual(
      expect.objectContaining({ metric: "@acme/kdp-taste.first", cutoff: 1 }),
    );
    expect(run.manifest?.environment.plugins).toMatchObject({ "@acme/kdp-taste": "1.0.0" });
    const lock = JSON.parse(readFileSync(join(at.folder, "kdp.lock"), "utf8"));
    expect(Object.keys(lock.plugins)).toEqual(["@acme/kdp-taste"]);
    expect(await at.runText(pipeline(), { frozen: true })).toMatchObject({ exitCode: 0 });
  }, 60_000);

  it("computes again only what a new version of it touches", async () => {
    const at = await project();
    await at.runText(pipeline());
    await install(at, "1.1.0");
    const stale = await at.planText(pipeline());
    expect(messages(stale)).toEqual([
      expect.stringMatching(/^KDP5503 .*installed as 1\.1\.0, but kdp\.lock pins 1\.0\.0/),
    ]);
    at.write("kdp.lock", JSON.stringify({ kdpLock: 1, plugins: {} }));
    const planned = await at.planText(pipeline());
    expect(planned.nodes?.filter(({ cached }) => !cached).map(({ id, reason }) => [id, reason?.field])).toEqual([
      ["kd", "code of nudge"],
      ["scores", "code of @acme/kdp-taste.first"],
    ]);
  }, 60_000);

  it("that throws blames the plugin and its version", async () => {
    const at = await project();
    await install(at, "1.0.1", 'throw new RangeError("no taste");');
    const run = await at.runText(pipeline());
    expect(run).toMatchObject({ exitCode: 3, statuses: { teacher: "ran", kd: "failed", scores: "skipped" } });
    expect(run.manifest?.nodes.find(({ name }) => name === "kd")?.fault).toMatchObject({
      code: "KDP8007",
      message: "RangeError: no taste",
      place: "kd, in plugin @acme/kdp-taste 1.0.1",
    });
  }, 60_000);

  it("is refused in words, at the `use`", async () => {
    const at = await project();
    expect(messages(await at.planText(pipeline("^2")))).toEqual([expect.stringMatching(/^KDP5502 .*outside \^2/)]);
    expect(messages(await at.planText(pipeline(), { frozen: true }))).toEqual([
      expect.stringMatching(/^KDP5508 there is no kdp\.lock/),
    ]);
    const other = await at.planText(pipeline().replace("kdp-taste@", "kdp-tast@"));
    expect(messages(other)).toEqual([
      expect.stringMatching(/^KDP5501 the plugin "@acme\/kdp-tast" is not installed here/),
    ]);
    expect(other.exitCode).toBe(2);
  });
});

describe("kdp.config.json", () => {
  it("sets the severity of diagnostics, but not of errors", async () => {
    const at = await project();
    const unused = pipeline().replace("let scores", "let idle = split.train -> popularity\n  let scores");
    const before = await at.planText(unused);
    const [warning] = before.diagnostics.filter(({ severity }) => severity === "warning");
    if (!warning) throw new Error("no warning to change");
    const set = (severity: Record<string, string>) => at.write("kdp.config.json", JSON.stringify({ severity }));
    set({ [warning.code]: "off" });
    expect((await at.planText(unused)).diagnostics.map(({ code }) => code)).not.toContain(warning.code);
    set({ [warning.code]: "error" });
    expect(await at.planText(unused)).toMatchObject({ exitCode: 2, nodes: null });
    set({ KDP5502: "off" });
    expect(await at.planText(pipeline("^2"))).toMatchObject({
      exitCode: 2,
      nodes: null,
      faults: [{ code: "KDP5509" }],
    });
  });
});
