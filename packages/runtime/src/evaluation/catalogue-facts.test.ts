import { describe, expect, it } from "vitest";
import { toInteractions } from "../tables/interactions.js";
import { catalogueFacts } from "./catalogue-facts.js";

/** Interactions in which item i has `counts[i]` users. */
function train(counts: readonly number[]) {
  const user = counts.flatMap((count) => Array.from({ length: count }, (_, u) => u));
  const item = counts.flatMap((count, i) => Array.from({ length: count }, () => i));
  return toInteractions(
    { user: Int32Array.from(user), item: Int32Array.from(item) },
    Math.max(...counts),
    counts.length,
  );
}

describe("head of the catalogue (UnKD's greedy cut in two groups)", () => {
  it.each([
    // Half is 9: 5 + 4 fits, the next item starts the tail.
    [
      [1, 5, 3, 4, 2, 3],
      [0, 1, 0, 1, 0, 0],
    ],
    // Half is 5: 4 fits, 4 + 3 does not, and what would still fit stays in the tail.
    [
      [4, 3, 2, 1],
      [1, 0, 0, 0],
    ],
    // Equal counts: smaller ids first.
    [
      [2, 2, 2, 2],
      [1, 1, 0, 0],
    ],
    // One item with more than half is a head of its own.
    [
      [9, 1, 1],
      [1, 0, 0],
    ],
  ])("of counts %j is %j", (counts, head) => {
    expect([...catalogueFacts(train(counts)).head]).toEqual(head);
  });
});
