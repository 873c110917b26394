import { expect, it } from "vitest";
import { edge, graphNode, LESSON } from "../../../test/fixtures/nodes.js";
import { rolesOf } from "./roles.js";

it("tells teachers, plain and distilled students apart by their edges", () => {
  const roles = rolesOf([
    graphNode({ id: "data", kind: "core", stage: "dataset" }),
    graphNode({ id: "mf" }),
    graphNode({ id: "gcn", stage: "lightgcn" }),
    graphNode({
      id: "crowd",
      kind: "ensemble",
      stage: "borda",
      inputs: [edge("teachers", "mf"), edge("teachers", "gcn")],
    }),
    graphNode({ id: "crowd/rank", kind: "core", stage: "rank", inputs: [edge("teacher", "crowd")] }),
    graphNode({ id: "plain" }),
    graphNode({ id: "kd", lesson: LESSON, inputs: [edge("teachers", "crowd"), edge("rankings", "crowd/rank")] }),
    graphNode({ id: "again", lesson: LESSON, inputs: [edge("teachers", "kd")] }),
    graphNode({ id: "other", stage: "neumf" }),
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
