/** How bad: an error stops a node or the run; a warning or a note is counted and reported. */
export type RuntimeSeverity = "error" | "warning" | "note";

export interface RuntimeCodeEntry {
  readonly severity: RuntimeSeverity;
  readonly title: string;
}

const error = (title: string) => ({ severity: "error", title }) as const;
const warning = (title: string) => ({ severity: "warning", title }) as const;
const note = (title: string) => ({ severity: "note", title }) as const;

/**
 * Codes of faults that only a run can meet, sorted: 70 reading data, 71 what the data hold, 72 matching ids between files,
 * 8 the run itself. KDP7 errors are the user's to mend (exit code 2), KDP8 errors are failures of the run (exit code 3).
 * The texts of the faults belong to the runtime; the table is here so that `kdp explain` knows every code.
 */
export const RUNTIME_CODES = {
  // --- the project --------------------------------------------------------------------------------------------------
  KDP5509: error("Project configuration cannot be read"),
  KDP5510: error("Baseline cannot be read"),
  KDP5511: error("Task file cannot be read"),
  KDP5512: error("No pipeline is chosen"),
  KDP5513: error("No such device"),
  KDP5514: error("Node needs more memory than `@run(memory:)` gives it"),
  KDP5515: error("No such node"),

  // --- reading data -------------------------------------------------------------------------------------------------
  KDP7001: error("Data file not found"),
  KDP7002: error("Data file is empty"),
  KDP7003: error("Truncated or corrupt gzip file"),
  KDP7004: error("Only one column"),
  KDP7005: error("Delimiter ambiguous or wrong"),
  KDP7006: error("Rating is NaN or infinite"),
  KDP7007: error("Row cannot be read"),
  KDP7008: error("Column not found"),
  KDP7009: error("Corrupt Arrow or Parquet file"),
  KDP7010: error("Unsupported file format"),
  KDP7011: error("File cannot be opened"),
  KDP7012: error("Text is not UTF-8"),
  KDP7013: error("Path leaves the project"),

  // --- what the data hold -------------------------------------------------------------------------------------------
  KDP7101: warning("Duplicate pairs of user and item"),
  KDP7102: warning("Users with a single interaction"),
  KDP7103: note("Test items that training never saw"),
  KDP7104: error("Nothing left to train on or to measure"),
  KDP7105: warning("Longer than the catalogue"),
  KDP7106: warning("User without negatives left"),
  KDP7107: error("Settings and data do not fit"),
  KDP7108: note("Users without held-out items"),
  KDP7109: warning("Files of a given split overlap"),
  KDP7110: error("Nothing to choose from"),

  // --- matching ids between files -----------------------------------------------------------------------------------
  KDP7201: warning("Ids that could not be matched"),
  KDP7202: error("No id could be matched"),
  KDP7203: error("Scores or embeddings hold NaN or infinite values"),
  KDP7204: warning("Lists shorter than asked for"),
  KDP7205: warning("All scores of a user are equal"),
  KDP7206: error("Shape does not fit"),
  KDP7207: warning("Users or items without a teacher row"),

  // --- the run ------------------------------------------------------------------------------------------------------
  KDP8001: error("Training diverged"),
  KDP8002: error("Worker process crashed"),
  KDP8003: error("Disk full"),
  KDP8004: error("Store is read-only"),
  KDP8005: error("Timeout reached"),
  KDP8006: error("Out of memory"),
  KDP8007: error("Plugin failed"),
  KDP8008: warning("Stored result is damaged"),
  KDP8009: error("Table does not fit the port"),
  KDP8010: error("Run interrupted"),
  KDP8011: error("Device not available"),
  KDP8012: warning("Checkpoint cannot be used"),
  KDP8013: warning("Waiting for another run"),
  KDP8014: error("Export or report could not be written"),
  KDP8015: error("Table too large for the device"),
  KDP8016: error("Plugin cannot be loaded"),
  KDP8017: error("Plugin manifest differs from its code"),
  KDP8018: error("Process killed from outside"),
} as const satisfies Readonly<Record<`KDP${number}`, RuntimeCodeEntry>>;

export type RuntimeCode = keyof typeof RUNTIME_CODES;
