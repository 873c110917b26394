import { expect, it } from "vitest";
import { rolesOf, type StoryNode } from "./roles.js";

const edge = (port: string, from: string) => ({ port, index: null, label: null, node: from, output: null });
const LESSON = { losses: [], baseWeight: 1 };

const node = (fields: Partial<StoryNode> & Pick<StoryNode, "id">): StoryNode => ({
  name: fields.id,
  stage: "bprmf",
  kind: "model",
  params: {},
  lesson: null,
  inputs: [],
  ...fields,
});

it("tells teachers, plain and distilled students apart by their edges", () => {
  const roles = rolesOf([
    node({ id: "data", kind: "core", stage: "dataset" }),
    node({ id: "mf" }),
    node({ id: "gcn", stage: "lightgcn" }),
    node({
      id: "crowd",
      kind: "ensemble",
      stage: "borda",
      inputs: [edge("teachers", "mf"), edge("teachers", "gcn")],
    }),
    node({ id: "crowd/rank", kind: "core", stage: "rank", inputs: [edge("teacher", "crowd")] }),
    node({ id: "plain" }),
    node({ id: "kd", lesson: LESSON, inputs: [edge("teachers", "crowd"), edge("rankings", "crowd/rank")] }),
    node({ id: "again", lesson: LESSON, inputs: [edge("teachers", "kd")] }),
    node({ id: "other", stage: "neumf" }),
  ]);
  expect(Object.fromEntries(roles)).toEqual({
    data: "step",
    mf: "teacher",
    gcn: "teacher",
    crowd: "teacher",
    "crowd/rank": "step",
    plain: "plain",
    kd: "distilled",
    again: "distilled",
    other: "model",
  });
});
