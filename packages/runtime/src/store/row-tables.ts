/** Tables whose rows also stand in `artefact.json`, as long as they are few: a cached run needs to open no Arrow file. */
export const ROW_TABLES: ReadonlySet<string> = new Set(["metrics", "curves"]);
export const MAX_ROWS_IN_META = 5_000;
