import type { SourceInspection } from "@kdp/runtime/inspect-source";
import { formatCount } from "../text/format.js";

export interface PipelineDraft {
  readonly name: string;
  /** Path of the data as the pipeline shall write it: relative to the pipeline's own file. */
  readonly source: string;
  readonly found: SourceInspection;
}

/** Sizes that fit the data: wide enough to have something to teach, narrow enough to be worth it. */
export interface Sizes {
  readonly teacher: number;
  readonly student: number;
  readonly minInteractions: number;
  readonly cutoffs: readonly [ndcg: number, recall: number];
}

/**
 * Chooses sizes from counts alone. A teacher of 128 dimensions suffices up to a million interactions; no width beyond half
 * of the smaller side, which a matrix of that rank could not use. Users are kept from 5 interactions on, so that a fifth
 * for test is one, unless that would lose more than half of them.
 */
export function sizesFor({ users, items, interactions, userCounts }: SourceInspection): Sizes {
  const room = 2 ** Math.floor(Math.log2(Math.max(4, Math.min(users, items) / 2)));
  const teacher = Math.min(interactions < 1_000_000 ? 128 : 256, room);
  const keptFrom = (threshold: number): number => userCounts.filter((count) => count >= threshold).length;
  const minInteractions = [5, 3].find((threshold) => keptFrom(threshold) * 2 >= users) ?? 1;
  const cutoff = (wanted: number): number => Math.max(1, Math.min(wanted, Math.floor(items / 2)));
  return { teacher, student: Math.max(2, teacher / 8), minInteractions, cutoffs: [cutoff(10), cutoff(20)] };
}

/** A commented pipeline for the user's own interactions: teacher, plain student, distilled student, gate, export. */
export function pipelineText({ name, source, found }: PipelineDraft): string {
  const { detected, rating } = found;
  const sizes = sizesFor(found);
  const [ndcg, recall] = [`ndcg@${sizes.cutoffs[0]}`, `recall@${sizes.cutoffs[1]}`];
  const { user, item, rating: ratingColumn, timestamp } = detected.columns;
  const args = [
    literal(source),
    ...(user === null ? [] : [`user: ${literal(user)}`]),
    ...(item === null ? [] : [`item: ${literal(item)}`]),
    ...(ratingColumn === null ? [] : [`rating: ${literal(ratingColumn)}`]),
    ...(timestamp === null ? [] : [`timestamp: ${literal(timestamp)}`]),
    ...(detected.header === null ? [] : [`header: ${detected.header}`]),
    ...(detected.delimiter === null ? [] : [`delimiter: ${literal(detected.delimiter)}`]),
    `min_interactions: ${sizes.minInteractions}`,
  ];
  const counts = `${formatCount(found.interactions)} interactions of ${formatCount(found.users)} users with ${formatCount(found.items)} items`;
  return `kdp 1

/// Teaches a small model what a large one knows, on ${source.replace(/\s+/g, " ")}.
pipeline ${name} {
  /// Width of the student: what you will serve. The teacher has ${sizes.teacher}.
  param dim: int = ${sizes.student} in 1..${sizes.teacher}
  param seed: int

  // Every student is trained once per seed: one number is luck, three show how far it can be trusted.
  matrix { seed: [0, 1, 2] }

  // The file holds ${counts}${found.duplicates > 0 ? ` (${formatCount(found.duplicates)} repeated pairs count once)` : ""}.
${ratingComment(rating)}  // Users with fewer than ${sizes.minInteractions} interactions are left out.
  let events = dataset(
    ${args.join(",\n    ")},
  )

  // 60 % of each user's events train, 20 % choose the best epoch, 20 % are the test.
${timestamp === null ? "" : "  // Your events have times: `time_split` instead holds out the latest ones.\n"}  let split = events -> random_split(train: 0.6, valid: 0.2, test: 0.2, seed: 0)

  // The teacher is trained once: no matrix axis reaches it.
  let teacher = split.train
    -> bprmf(dim: ${sizes.teacher}, epochs: 100, valid: split.valid, early_stop: ${ndcg}, eval_every: 2, patience: 10)

  // One recipe for both students, so that only the teaching differs.
  let student = bprmf(
    dim: dim, epochs: 200, valid: split.valid, early_stop: ${ndcg}, eval_every: 4, patience: 10, seed: seed,
  )
  let plain = split.train -> student
  // \`rrd\` teaches the order of the teacher's favourites. Its weight is worth a search: compare \`rrd(weight: 0.003)\`,
  // \`0.01\` and \`0.03\` on \`split.valid\`. The other losses stand in docs/methods.md.
  let taught = teacher -> distill(rrd, on: split.train) -> student

  let scores = [teacher: teacher, plain: plain, taught: taught]
    -> each evaluate(on: split.test, metrics: [${ndcg}, ${recall}])
  let picks = taught -> evaluate(on: split.valid, metrics: [${ndcg}])

  expect mean(scores.taught.${ndcg} over seed) > mean(scores.plain.${ndcg} over seed)
    "the taught student is better than the plain one"

  // The best seed by the validation events; the test events must not choose.
  export best = best_of(taught, by: picks.${ndcg}, over: [seed]) -> artifact(format: ["arrow", "safetensors"], card: true)
}
`;
}

/** A value as the language writes it; its strings know fewer escapes than JSON's. */
function literal(value: string | number): string {
  const unknown: Readonly<Record<string, string>> = { b: "\\u0008", f: "\\u000c" };
  return JSON.stringify(value).replace(/\\(.)/g, (written, letter: string) => unknown[letter] ?? written);
}

function ratingComment(rating: SourceInspection["rating"]): string {
  if (rating === null || rating.min === rating.max) return "";
  return (
    `  // Ratings run from ${rating.min} to ${rating.max}; all count as interactions.\n` +
    "  // Add `min_rating:` to keep only those that mean a liking.\n"
  );
}

/** A pipeline's name from a file's: `ml-1m.ratings.csv.gz` gives `ml_1m_ratings`. */
export function pipelineName(file: string): string {
  const stem = file.replace(/^.*[\\/]/, "").replace(/\.(csv|tsv|txt|dat|data|inter|parquet|arrow|feather|gz)\b/gi, "");
  const name = stem.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  if (name === "") return "mine";
  return /^[A-Za-z]/.test(name) ? name : `data_${name}`;
}
