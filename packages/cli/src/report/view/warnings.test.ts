import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { dataWarnings, nodeNotes, warningsOf } from "./warnings.js";

const sample = sampleManifest();
const MANY = "KDP7106: 2 users have no negatives left";
const NOTE = "KDP7108: 3 users have no test item";

const noting = (notesOf: (name: string) => readonly string[]) => ({
  ...sample,
  nodes: sample.nodes.map((node) => ({ ...node, notes: notesOf(node.name) })),
});

describe("warnings", () => {
  it("are notes with the code of one, told once for all seeds", () => {
    const run = noting((name) => (name === "both" ? [MANY, NOTE, "KDP9999: x", "plain words"] : []));
    expect(dataWarnings(run)).toEqual([{ code: "KDP7106", message: "2 users have no negatives left", place: "both" }]);
  });

  it("of one kind are told once for all places, with those of the run", () => {
    const run = noting((name) => (name === "both" || name === "plain" ? [MANY] : []));
    expect(warningsOf(run)).toEqual([
      { code: "KDP7101", message: expect.stringContaining("12 duplicate pairs"), places: ["ratings"] },
      { code: "KDP7106", message: "2 users have no negatives left", places: ["plain", "both"] },
    ]);
  });
});

describe("notes", () => {
  it("are all others, told once for a list that noted the same", () => {
    const run = noting((name) => (name.startsWith("scores.") ? [NOTE] : name === "both" ? [MANY, "resumed"] : []));
    expect(nodeNotes(run)).toEqual([
      { name: "both", notes: ["resumed"] },
      { name: "scores.*", notes: [NOTE] },
    ]);
  });

  it("of members that noted different things are told apart", () => {
    const run = noting((name) => (name === "scores.plain" || name === "scores.both" ? [NOTE] : []));
    expect(nodeNotes(run).map(({ name }) => name)).toEqual(["scores.plain", "scores.both"]);
  });
});
