import { describe, expect, it } from "vitest";
import { clusterGroups, clusterRows } from "./cluster-groups.js";

// Users 0 … 9 by clusters; only even users and user 9 are measured.
const ASSIGNMENT = Int32Array.of(0, 0, 0, 1, 0, 2, 1, 1, 2, 3);
const MEASURED = Int32Array.of(0, 2, 4, 6, 8, 9);

describe("groups of measured users", () => {
  it("hold the places of the measured users alone", () => {
    const groups = clusterGroups(MEASURED, ASSIGNMENT, 1);
    expect(groups.clusters).toEqual([
      { name: "cluster/0", rows: [0, 1, 2] },
      { name: "cluster/1", rows: [3] },
      { name: "cluster/2", rows: [4] },
      { name: "cluster/3", rows: [5] },
    ]);
    expect(groups.rest).toBeNull();
  });

  it("clusters with too few of them are one group", () => {
    expect(clusterGroups(MEASURED, ASSIGNMENT, 2)).toEqual({
      clusters: [{ name: "cluster/0", rows: [0, 1, 2] }],
      rest: { name: "cluster/rest", rows: [3, 4, 5] },
      merged: 3,
    });
  });
});

describe("rows of groups", () => {
  it("are means over the group's users; who is left out of a metric is in no mean; metrics of lists have none", () => {
    const groups = clusterGroups(MEASURED, ASSIGNMENT, 2);
    const { NaN: none } = Number;
    const perUser = {
      user: MEASURED,
      values: {
        "recall@5": Float64Array.of(1, 0, 0.5, 1, 1, 0),
        "head_recall@5": Float64Array.of(none, 1, none, none, none, none),
      },
    };
    const metrics = [
      { key: "recall@5", metric: "recall", cutoff: 5 },
      { key: "head_recall@5", metric: "head_recall", cutoff: 5 },
      { key: "coverage@5", metric: "coverage", cutoff: 5 },
    ];
    expect(clusterRows(groups, metrics, perUser)).toEqual([
      { metric: "recall", cutoff: 5, group: "cluster/0", value: 0.5, epoch: null },
      { metric: "head_recall", cutoff: 5, group: "cluster/0", value: 1, epoch: null },
      { metric: "recall", cutoff: 5, group: "cluster/rest", value: 2 / 3, epoch: null },
      { metric: "head_recall", cutoff: 5, group: "cluster/rest", value: none, epoch: null },
    ]);
  });
});
