import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

const PIPELINE = `kdp 1

/// One student in two cells.
pipeline shape {
  param width: int = 4
  param seed: int = 0
  matrix { seed: [0, 1] }
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let student = split.train -> bprmf(dim: width, epochs: 2, learning_rate: 0.05, seed: seed)
  let scores = student -> evaluate(on: split.test, metrics: [hit@5])
  expect seed * 1.0 + scores.hit@5 * 0 < 1 "only the first cell"
  expect scores.hit@5 > 2 else warn
  expect scores.hit@5 >= baseline(scores.hit@5)
  export each_seed = student -> artifact(format: "arrow")
}
`;

/** Says yes, or tells what it wants. */
type Check = (value: unknown) => true | string;
/** What a member must be. An array of one shape is a list of any length. */
type Shape = Check | readonly [Shape] | { readonly [member: string]: Shape };

const text: Shape = (value) => typeof value === "string" || "a text";
const flag: Shape = (value) => typeof value === "boolean" || "true or false";
const finite: Shape = (value) => (typeof value === "number" && Number.isFinite(value)) || "a finite number";
const count: Shape = (value) => (Number.isInteger(value) && Number(value) >= 0) || "a count";
const hex: Shape = (value) => (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) || "64 hex digits";
const object: Check = (value) => (typeof value === "object" && value !== null && !Array.isArray(value)) || "an object";
const scalars: Shape = (value) =>
  (object(value) === true && Object.values(value as object).every((member) => typeof member !== "object")) ||
  "an object of scalars";
const only =
  (...values: readonly unknown[]): Shape =>
  (value) =>
    values.includes(value) || values.map(String).join(" or ");
const nullable =
  (shape: Shape): Shape =>
  (value) =>
    value === null || violations(shape, value).length === 0 || "null or the shape";
const when: Shape = (value) =>
  (typeof value === "string" && new Date(value).toISOString() === value) || "a time in ISO 8601, UTC";

/** Members that are there only where there is something to tell: the epoch of a snapshot, tests between students. */
const SOMETIMES = new Set(["epoch", "significance"]);

/** Where and how `value` is not of the shape; members that the shape does not name count too. */
function violations(shape: Shape, value: unknown, at = "manifest"): readonly string[] {
  if (typeof shape === "function") {
    const answer = shape(value);
    return answer === true ? [] : [`${at}: ${JSON.stringify(value)} instead of ${answer}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at}: no list`];
    return value.flatMap((member, index) => violations(shape[0], member, `${at}[${index}]`));
  }
  if (object(value) !== true) return [`${at}: no object`];
  const members = value as Readonly<Record<string, unknown>>;
  const undocumented = Object.keys(members).filter((name) => !(name in shape));
  return [
    ...undocumented.map((name) => `${at}.${name} is not documented`),
    ...Object.entries(shape).flatMap(([name, inner]) =>
      name in members
        ? violations(inner, members[name], `${at}.${name}`)
        : SOMETIMES.has(name)
          ? []
          : [`${at}.${name} is missing`],
    ),
  ];
}

const STATUS = only("passed", "failed", "warned", "no-baseline", "skipped");

/** Written by hand, not derived from the types: other programs read this file, and a change of it must be meant. */
const MANIFEST: Shape = {
  kdpManifest: only(1),
  run: text,
  pipeline: text,
  doc: nullable(text),
  file: text,
  startedAt: when,
  seconds: finite,
  exitCode: count,
  params: [object],
  axes: object,
  nodes: [
    {
      id: text,
      name: text,
      aliases: [text],
      stage: text,
      plugin: text,
      kind: text,
      cell: scalars,
      key: nullable(hex),
      status: only("hit", "ran", "failed", "skipped"),
      seconds: finite,
      computedSeconds: nullable(finite),
      cpuSeconds: nullable(finite),
      threads: nullable(count),
      params: object,
      origins: object,
      lesson: nullable(object),
      inputs: [{ port: text, index: nullable(count), label: nullable(text), node: text, output: nullable(text) }],
      facts: object,
      notes: [text],
      curve: [{ epoch: count, losses: object, valid: object }],
      fault: nullable(object),
      because: nullable(text),
      reason: nullable((value) => violations({ field: text, was: () => true, now: () => true }, value)[0] ?? true),
      attempts: count,
      peakRssBytes: nullable(count),
      device: nullable(text),
      storedBytes: nullable(count),
      files: object,
      log: nullable(text),
    },
  ],
  metrics: [
    {
      node: text,
      cell: scalars,
      split: text,
      metric: text,
      cutoff: nullable(count),
      group: text,
      value: finite,
      epoch: count,
    },
  ],
  significance: [object],
  gates: [
    {
      text,
      message: nullable(text),
      op: text,
      onFailure: only("fail", "warn"),
      status: STATUS,
      cells: [{ cell: scalars, left: nullable(finite), right: nullable(finite), status: STATUS }],
    },
  ],
  exports: [{ name: text, cell: scalars, node: text, format: text, path: text, bytes: count }],
  blocked: [{ name: text, cell: scalars, because: text }],
  warnings: [{ code: text, message: text, place: nullable(text) }],
  environment: {
    kdp: text,
    plugins: object,
    node: text,
    platform: text,
    cpu: text,
    cores: count,
    memoryBytes: count,
    device: text,
    deviceFound: text,
    deviceWhy: text,
    jobs: count,
    commit: nullable((value) => violations({ id: text, changed: flag }, value)[0] ?? true),
  },
};

describe("manifest.json", () => {
  it("has the documented shape and nothing else, for nodes that ran and for hits", async () => {
    const at = new LibraryProject();
    at.write("data.tsv", tastes());
    for (const status of ["ran", "hit"]) {
      const { folder, exitCode, faults, diagnostics } = await at.runText(PIPELINE);
      expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      expect({ exitCode, faults }).toEqual({ exitCode: 1, faults: [] });
      // The file, not the object in memory: what JSON drops or turns to null shows here only.
      const manifest = at.manifest(folder ?? "");
      expect(violations(MANIFEST, manifest)).toEqual([]);

      expect(new Set(manifest.nodes.map((node) => node.status))).toEqual(new Set([status]));
      expect(manifest.nodes.map(({ id, cell }) => [id, cell])).toEqual([
        [expect.any(String), {}],
        ["split", {}],
        ["student[seed=0]", { seed: 0 }],
        ["student[seed=1]", { seed: 1 }],
        ["scores[seed=0]", { seed: 0 }],
        ["scores[seed=1]", { seed: 1 }],
      ]);
      expect(
        manifest.metrics.map(({ node, cell, split, metric, cutoff, group }) => [
          node,
          cell,
          split,
          metric,
          cutoff,
          group,
        ]),
      ).toEqual([0, 1].map((seed) => [`scores[seed=${seed}]`, { seed }, "test", "hit", 5, "all"]));
      expect(manifest.gates.map((gate) => [gate.status, gate.cells.map((cell) => [cell.cell, cell.status])])).toEqual([
        [
          "failed",
          [
            [{ seed: 0 }, "passed"],
            [{ seed: 1 }, "failed"],
          ],
        ],
        [
          "warned",
          [
            [{ seed: 0 }, "warned"],
            [{ seed: 1 }, "warned"],
          ],
        ],
        [
          "no-baseline",
          [
            [{ seed: 0 }, "no-baseline"],
            [{ seed: 1 }, "no-baseline"],
          ],
        ],
      ]);
      expect(manifest.exports.map(({ name, cell, path }) => [name, cell, path])).toEqual([
        ["each_seed", { seed: 0 }, "exports/each_seed/seed=0"],
      ]);
      const [exported] = manifest.exports;
      expect(statSync(join(folder ?? "", exported?.path ?? "")).isDirectory()).toBe(true);
      expect(exported?.bytes).toBeGreaterThan((60 + 40) * 4 * 4);
      expect(manifest.blocked.map(({ name, cell }) => [name, cell])).toEqual([["each_seed", { seed: 1 }]]);
      for (const { log } of manifest.nodes) if (log !== null) expect(existsSync(join(folder ?? "", log))).toBe(true);
    }
  }, 60_000);

  it("has it for nodes that failed and were skipped as well", async () => {
    const at = new LibraryProject();
    at.write("data.tsv", tastes());
    const { folder, exitCode } = await at.runText(PIPELINE.replace("learning_rate: 0.05", "learning_rate: 1e30"));
    expect(exitCode).toBe(3);
    const manifest = at.manifest(folder ?? "");
    expect(violations(MANIFEST, manifest)).toEqual([]);
    expect(manifest.nodes.map(({ name, status }) => [name, status]).slice(1)).toEqual([
      ["split", "ran"],
      ...["failed", "failed"].map((status) => ["student", status]),
      ...["skipped", "skipped"].map((status) => ["scores", status]),
    ]);
    expect(manifest.nodes[2]?.fault).toMatchObject({
      code: expect.stringMatching(/^KDP8\d{3}$/),
      fix: expect.any(String),
    });
    expect(manifest.gates.map(({ status }) => status)).toEqual(["skipped", "skipped", "skipped"]);
    expect(manifest.exports).toEqual([]);
    expect(manifest.blocked).toHaveLength(2);
  }, 60_000);
});
