/** What a teacher can show a student. A loss declares which of these it reads. */
export type View = "ranking" | "scores" | "embeddings" | "trajectory";

/** The part of a split that a set of events belongs to. `all` is an unsplit data set. */
export type Role = "train" | "valid" | "test" | "all";

/** The two kinds of entity of a recommender. */
export type Side = "user" | "item";
