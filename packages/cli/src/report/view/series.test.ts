import { expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { graphNode, LESSON } from "../../../test/fixtures/nodes.js";
import { seriesOf } from "./series.js";

it("gives a colour once more only when all are used, and says so", () => {
  const sample = sampleManifest();
  const student = sample.nodes.find(({ name }) => name === "both");
  if (!student) throw new Error("the sample has a distilled student");
  const students = Array.from({ length: 10 }, (_, i) => ({
    ...student,
    ...graphNode({ id: `s${i}`, lesson: LESSON }),
  }));
  const series = seriesOf(
    sampleManifest({
      nodes: [...sample.nodes.filter(({ lesson }) => !lesson), ...students] as typeof sample.nodes,
      axes: {},
    }),
  );
  const distilled = series.filter(({ role }) => role === "distilled");
  expect(distilled.map(({ color }) => color)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1, 2].map((n) => `var(--s${n})`));
  expect(distilled.map(({ round }) => round)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});
