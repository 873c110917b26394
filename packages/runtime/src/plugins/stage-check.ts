import { type ParamSchema, type SizeFormula, type StageKind, type StageManifest, unknownSizes } from "@kdp/plugin-api";
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
  yes,
} from "./value-checks.js";

const view = oneOf("ranking", "scores", "embeddings", "trajectory");
const views = listOf(view);
const TYPES = ["int", "float", "bool", "string", "path", "duration", "bytes", "metric", "enum", "list"] as const;

const sizeFormula = listOf(
  listOf((path, value) => (typeof value === "number" ? number(path, value) : nonEmptyString(path, value))),
);
const memory: Check = (path, value) => {
  if (!isRecord(value)) return at(path, "an object", value);
  const members = { parameters: optional(sizeFormula), bytes: optional(sizeFormula) };
  return oneOfKeys(path, value, Object.keys(members)) ?? problemIn(value, members, path);
};

/** Facts of a kind beside those that every stage has. */
type FactsOf<K extends StageKind> = Exclude<
  keyof Extract<StageManifest, { readonly kind: K }>,
  "kind" | "doc" | "params" | "cacheVersion"
>;

/** A check for each fact of each kind: without the one of a new fact this does not compile. */
const FACTS: { readonly [K in StageKind]: Readonly<Record<FactsOf<K>, Check>> } = {
  model: {
    views,
    student: boolean,
    trained: boolean,
    width: optional(nonEmptyString),
    memory: optional(memory),
    factors: optional(yes),
    cpuOnly: optional(yes),
  },
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
    memory: optional(memory),
    cpuOnly: optional(yes),
  },
  ensemble: { needs: views, views, rankTop: optional(nonEmptyString) },
  split: { needsTime: optional(boolean), source: optional(boolean) },
  teacher: { views, positional: optional(nonEmptyString) },
  metric: { cutoff: boolean, higherIsBetter: boolean, clusters: optional(yes) },
  export: { needs: views, factors: optional(yes) },
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

const anything: Check = () => null;

/** A check for each member of a schema; typed as {@link FACTS} is. */
const SCHEMA: Readonly<Record<keyof ParamSchema, Check>> = {
  type: oneOf(...TYPES),
  doc: nonEmptyString,
  default: anything,
  min: optional(number),
  max: optional(number),
  exclusiveMin: optional(boolean),
  values: optional(listOf(nonEmptyString)),
  items: optional((path, value) => (isRecord(value) ? null : at(path, "the schema of an element", value))),
  source: optional(nonEmptyString),
};

const checkParam: Check = (path, value) => {
  if (!isRecord(value)) return at(path, "an object", value);
  return (
    oneOfKeys(path, value, Object.keys(SCHEMA)) ??
    problemIn(value, SCHEMA, path) ??
    (value.type === "enum" && value.values === undefined
      ? at(`${path}.values`, "the legal values", undefined)
      : null) ??
    (value.type === "list" && value.items === undefined
      ? at(`${path}.items`, "the schema of an element", undefined)
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
  for (const [fact, formula] of Object.entries(isRecord(stage.memory) ? stage.memory : {})) {
    const [unknown] = unknownSizes(formula as SizeFormula, params);
    if (unknown !== undefined) return `${path}.memory.${fact}: "${unknown}" is neither a size nor an argument`;
  }
  return null;
}
