import type { StageKind } from "@kdp/plugin-api";
import {
  at,
  boolean,
  type Check,
  isRecord,
  listOf,
  nonEmptyString,
  number,
  oneOf,
  oneOfKeys,
  optional,
  positiveInteger,
  problemIn,
  type Rec,
  recordOf,
} from "./value-checks.js";

const view = oneOf("ranking", "scores", "embeddings", "trajectory");
const views = listOf(view);
const TYPES = ["int", "float", "bool", "string", "path", "duration", "bytes", "metric", "enum", "list"] as const;

/** Facts of each kind beside `kind`, `doc`, `params` and `cacheVersion`. A typed record: a new kind cannot be forgotten. */
const FACTS: Readonly<Record<StageKind, Readonly<Record<string, Check>>>> = {
  model: { views, student: boolean, trained: boolean, width: optional(nonEmptyString) },
  loss: {
    needs: views,
    teachers: oneOf("one", "many"),
    studentNeeds: views,
    rankingLength: optional(listOf(nonEmptyString)),
    rankTop: optional((path, value) =>
      typeof value === "number" ? positiveInteger(path, value) : nonEmptyString(path, value),
    ),
    itemSide: optional(boolean),
    learningTeacher: optional(boolean),
  },
  ensemble: { needs: views, views, rankTop: optional(nonEmptyString) },
  split: { needsTime: optional(boolean), source: optional(boolean) },
  teacher: { views, positional: optional(nonEmptyString) },
  metric: { cutoff: boolean, higherIsBetter: boolean },
  export: { needs: views },
};

/** One stage of a manifest. */
export const checkStage: Check = (path, value) => {
  if (!isRecord(value)) return at(path, "an object", value);
  const kindProblem = oneOf(...Object.keys(FACTS))(`${path}.kind`, value.kind);
  if (kindProblem) return kindProblem;
  const facts = FACTS[value.kind as StageKind];
  return (
    oneOfKeys(path, value, ["kind", "doc", "params", "cacheVersion", ...Object.keys(facts)]) ??
    problemIn(value, { doc: nonEmptyString, cacheVersion: optional(positiveInteger), ...facts }, path) ??
    // Metrics and exports take no arguments and may leave `params` out.
    optional(recordOf(checkParam))(`${path}.params`, value.params) ??
    namedParams(path, value)
  );
};

const checkParam: Check = (path, value) => {
  if (!isRecord(value)) return at(path, "an object", value);
  const known = ["type", "doc", "default", "min", "max", "exclusiveMin", "values", "items", "source"];
  return (
    oneOfKeys(path, value, known) ??
    problemIn(
      value,
      {
        type: oneOf(...TYPES),
        doc: nonEmptyString,
        min: optional(number),
        max: optional(number),
        exclusiveMin: optional(boolean),
        values: optional(listOf(nonEmptyString)),
      },
      path,
    ) ??
    (value.type === "enum" && !Array.isArray(value.values)
      ? at(`${path}.values`, "the legal values", undefined)
      : null) ??
    (value.type === "list" && !isRecord(value.items)
      ? at(`${path}.items`, "the schema of an element", value.items)
      : null)
  );
};

/** Facts that name an argument must name one that exists. */
function namedParams(path: string, stage: Rec): string | null {
  const params = isRecord(stage.params) ? stage.params : {};
  const named: readonly (readonly [string, unknown])[] = [
    ["width", stage.width],
    ["positional", stage.positional],
    ["rankTop", stage.rankTop],
    ...(Array.isArray(stage.rankingLength) ? stage.rankingLength : []).map((name) => ["rankingLength", name] as const),
  ];
  for (const [fact, name] of named) {
    if (typeof name === "string" && !(name in params)) return `${path}.${fact}: there is no argument "${name}"`;
  }
  return null;
}
