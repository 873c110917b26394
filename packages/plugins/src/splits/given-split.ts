import { bool, defineSplit, path, string } from "@kdp/plugin-api";

const column = (what: string) =>
  string({ default: null, doc: `Column of the ${what}: its name, or its index from 0 as text ("0").` });

/** Ready-made files. Read by the engine, which also builds the vocabularies of the union. */
export const givenSplit = defineSplit({
  doc:
    "Reads ready-made train, validation and test files (TSV, CSV, Parquet or Arrow IPC). The universe is the union of the " +
    "files; `items` widens it, for data sets whose split leaves items out.",
  source: true,
  params: {
    train: path({ doc: "Training interactions." }),
    valid: path({ doc: "Validation interactions." }),
    test: path({ doc: "Test interactions." }),
    items: path({ default: null, doc: "Further items of the universe: a text file with one id per line." }),
    user: column("users"),
    item: column("items"),
    rating: column("ratings"),
    timestamp: column("time stamps"),
    header: bool({ default: null, doc: "Whether the first lines name the columns; detected when left out." }),
    delimiter: string({ default: null, doc: "Separator of text files; detected when left out." }),
  },
});
