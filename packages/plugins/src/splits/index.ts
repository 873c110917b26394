import { givenSplit } from "./given-split.js";
import { leaveOneOut } from "./leave-one-out.js";
import { randomSplit } from "./random-split.js";
import { timeSplit } from "./time-split.js";

/** Splits of the standard library, by the name they have in a pipeline. */
export const splits = {
  leave_one_out: leaveOneOut,
  random_split: randomSplit,
  time_split: timeSplit,
  given_split: givenSplit,
};
