import type { SourceInspection } from "@kdp/runtime/inspect-source";
import { describe, expect, it } from "vitest";
import { pipelineName, pipelineText, sizesFor } from "./pipeline-text.js";

const found = (changes: Partial<SourceInspection> = {}): SourceInspection => ({
  detected: {
    columns: { user: "userId", item: "movieId", rating: "rating", timestamp: null },
    header: true,
    delimiter: ",",
  },
  format: "delimited",
  users: 3000,
  items: 1100,
  interactions: 73_000,
  duplicates: 0,
  userCounts: Int32Array.from({ length: 3000 }, (_, user) => 3 + Math.floor(user / 100)),
  rating: { min: 0.5, max: 5 },
  notes: [],
  ...changes,
});

describe("sizes", () => {
  it("grow with the data and stay below what it can fill", () => {
    expect(sizesFor(found())).toMatchObject({ teacher: 128, student: 16, minInteractions: 5 });
    expect(sizesFor(found({ interactions: 5_000_000, users: 80_000, items: 9000 })).teacher).toBe(256);
    expect(sizesFor(found({ users: 40, items: 12 }))).toMatchObject({ teacher: 4, student: 2, cutoffs: [6, 6] });
  });
  it("keep most users", () => {
    expect(sizesFor(found({ users: 10, userCounts: new Int32Array(10).fill(4) })).minInteractions).toBe(3);
    expect(sizesFor(found({ users: 10, userCounts: new Int32Array(10).fill(2) })).minInteractions).toBe(1);
  });
});

describe("the pipeline", () => {
  it("says how the file is read", () => {
    const text = pipelineText({ name: "ratings", source: "../data/ratings.csv", found: found() });
    expect(text).toContain('"../data/ratings.csv",\n    user: "userId",\n    item: "movieId",\n    rating: "rating",');
    expect(text).toContain('header: true,\n    delimiter: ",",\n    min_interactions: 5,\n');
    expect(text).toContain("Ratings run from 0.5 to 5");
    expect(text).not.toContain("timestamp:");
  });
  it("writes only what a format has, and indexes as numbers", () => {
    const columns = { user: 0, item: 1, rating: null, timestamp: 3 };
    const text = pipelineText({
      name: "x",
      source: "x.parquet",
      found: found({ detected: { columns, header: null, delimiter: null }, rating: null }),
    });
    expect(text).toContain("user: 0,\n    item: 1,\n    timestamp: 3,\n    min_interactions");
    expect(text).toContain("time_split");
    expect(text).not.toContain("Ratings run");
  });
  it("escapes names of files and columns", () => {
    const columns = { user: 'the "user"', item: "a\\b", rating: "r\ty", timestamp: "\b" };
    const text = pipelineText({
      name: "x",
      source: 'a"\nb.csv',
      found: found({ detected: { columns, header: true, delimiter: "\t" } }),
    });
    expect(text).toContain('user: "the \\"user\\""');
    expect(text).toContain('item: "a\\\\b"');
    expect(text).toContain('rating: "r\\ty"');
    expect(text).toContain('timestamp: "\\u0008"');
    expect(text).toContain('/// Teaches a small model what a large one knows, on a" b.csv.\n');
  });
});

it.each([
  ["ml-1m.ratings.csv.gz", "ml_1m_ratings"],
  ["../data/u.data", "u"],
  ["C:\\data\\events.parquet", "events"],
  ["20m.tsv", "data_20m"],
  [".csv", "mine"],
  ["дата.csv", "mine"],
])("%s gives the pipeline %s", (file, name) => {
  expect(pipelineName(file)).toBe(name);
});
