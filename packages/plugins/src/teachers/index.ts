import { embeddingsFile } from "./embeddings-file.js";
import { rankingFile } from "./ranking-file.js";
import { scoresFile } from "./scores-file.js";

/** Teachers that are read from files, by the name they have in a pipeline. */
export const teachers = { ranking_file: rankingFile, scores_file: scoresFile, embeddings_file: embeddingsFile };
