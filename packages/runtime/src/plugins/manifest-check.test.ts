import { manifestOf } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { manifestProblem } from "./manifest-check.js";

const loss = {
  kind: "loss",
  doc: "A loss.",
  params: { weight: { type: "float", doc: "Weight.", default: 1 }, groups: { type: "int", doc: "Groups.", min: 1 } },
  needs: ["embeddings"],
  teachers: "one",
  studentNeeds: ["embeddings"],
  rankTop: "groups",
};
const manifest = { kdpManifest: 1, name: "@acme/x", version: "1.0.0", api: "^1", stages: { topo: loss } };
const withStage = (changes: object) => ({ ...manifest, stages: { topo: { ...loss, ...changes } } });
const withParam = (changes: object) =>
  withStage({ params: { ...loss.params, weight: { ...loss.params.weight, ...changes } } });

describe("a manifest", () => {
  it("of the standard library and of a plugin is accepted, as a file holds it", () => {
    expect(manifestProblem(JSON.parse(JSON.stringify(manifestOf(library))))).toBeNull();
    expect(manifestProblem(manifest)).toBeNull();
    expect(
      manifestProblem({ ...manifest, aliases: { friendly: { stage: "topo", preset: { groups: 3 } } } }),
    ).toBeNull();
  });

  it.each<[string, unknown]>([
    ["manifest: expected an object, found []", []],
    ["kdpManifest: expected 1, found 2", { ...manifest, kdpManifest: 2 }],
    [
      "manifest.stage: not known; known are kdpManifest, name, version, api, stages, aliases",
      { ...manifest, stage: {} },
    ],
    ["name: expected a text, found nothing", { ...manifest, name: undefined }],
    ['api: expected a text, found ""', { ...manifest, api: "" }],
    ["stages: expected an object, found nothing", { ...manifest, stages: undefined }],
    [
      'stages.topo.kind: expected one of model, loss, ensemble, split, teacher, metric, export, found "los"',
      withStage({ kind: "los" }),
    ],
    [
      'stages.topo.needs[0]: expected one of ranking, scores, embeddings, trajectory, found "vectors"',
      withStage({ needs: ["vectors"] }),
    ],
    ['stages.topo.teachers: expected one of one, many, found "two"', withStage({ teachers: "two" })],
    ["stages.topo.cacheVersion: expected a whole number of at least 1, found 0", withStage({ cacheVersion: 0 })],
    ['stages.topo.rankTop: there is no argument "tops"', withStage({ rankTop: "tops" })],
    ["stages.topo.memory.bytes[0]: expected a list, found 3", withStage({ memory: { bytes: [3] } })],
    ["stages.topo.memory.peak: not known; known are parameters, bytes", withStage({ memory: { peak: [] } })],
    [
      'stages.topo.memory.parameters: "dim" is neither a size nor an argument',
      withStage({
        memory: {
          parameters: [
            ["users", "groups"],
            ["items", "dim"],
          ],
        },
      }),
    ],
    ["stages.topo.params.weight.doc: expected a text, found nothing", withParam({ doc: undefined })],
    ["stages.topo.params.weight.values: expected the legal values, found nothing", withParam({ type: "enum" })],
    ["stages.topo.params.weight.items: expected the schema of an element, found nothing", withParam({ type: "list" })],
    [
      'aliases.friendly.stage: there is no stage "gone"',
      { ...manifest, aliases: { friendly: { stage: "gone", preset: {} } } },
    ],
    ["aliases.topo: a stage has this name already", { ...manifest, aliases: { topo: { stage: "topo", preset: {} } } }],
    [
      "aliases.friendly.preset.groups: expected a string, number or boolean, found [1]",
      { ...manifest, aliases: { friendly: { stage: "topo", preset: { groups: [1] } } } },
    ],
  ])("is refused: %s", (problem, value) => {
    expect(manifestProblem(value)).toBe(problem);
  });

  it("with a fact or a schema member that nobody reads is refused, and told what is known", () => {
    expect(manifestProblem(withStage({ view: [] }))).toMatch(
      /^stages\.topo\.view: not known; known are kind, doc, params/,
    );
    expect(manifestProblem(withParam({ minimum: 0 }))).toMatch(/^stages\.topo\.params\.weight\.minimum: not known/);
  });
});
