import { defineSplit, int } from "@kdp/plugin-api";
import { Part, rowsOfParts } from "./parts.js";
import { rowsByUser } from "./rows-by-user.js";

/** Interactions a user needs so that each part gets one. */
const FEWEST = 3;

/** One random interaction of each user for test, another for valid, the rest for training. */
export const leaveOneOut = defineSplit({
  doc:
    "Leave-one-out: one random interaction of each user is the test item, another the validation item, the rest is for " +
    "training. Users with fewer than three interactions keep all of them for training (protocols P1 and P2 of the papers).",
  params: {
    seed: int({ default: 0, min: 0, doc: "Names the random stream that draws the held-out items." }),
  },
  split({ table, streams }) {
    const stream = streams.stream("split", 0);
    const { offsets, rows } = rowsByUser(table);
    const parts = new Uint8Array(table.user.length);
    let whole = 0;
    for (let user = 0; user < table.users; user++) {
      const from = offsets[user] as number;
      const n = (offsets[user + 1] as number) - from;
      if (n < FEWEST) {
        whole++;
        continue;
      }
      const test = stream.below(n);
      const other = stream.below(n - 1);
      parts[rows[from + test] as number] = Part.test;
      // Skipping over the test item makes the second draw uniform over the others.
      parts[rows[from + (other < test ? other : other + 1)] as number] = Part.valid;
    }
    const notes =
      whole > 0
        ? [`${whole} ${whole === 1 ? "user has" : "users have"} fewer than ${FEWEST} interactions: all of them train`]
        : [];
    return { ...rowsOfParts(parts), notes };
  },
});
