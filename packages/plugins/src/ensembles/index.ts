import { borda } from "./borda.js";
import { importance } from "./importance.js";
import { meanScore } from "./mean-score.js";
import { rrf } from "./rrf.js";

/** Ensembles of the standard library, by the name they have in a pipeline. */
export const ensembles = { borda, mean_score: meanScore, rrf, importance };
