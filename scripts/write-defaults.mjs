// Writes docs/defaults.md from the manifests: every stage, every argument, default, range, meaning, source.
// `--check` writes nothing and exits 1 when the file differs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib.mjs";

const built = (path) => import(pathToFileURL(join(root, "packages", path)).href);
const { CORE_SIGNATURES, RUN_SCHEMAS } = await built("dsl/dist/library/core.js");
const { trainingParams } = await built("plugin-api/dist/index.js");
const library = JSON.parse(readFileSync(join(root, "packages/plugins/dist/kdp.manifest.json"), "utf8"));

/** In the order of a pipeline. */
const KINDS = [
  ["split", "Splits"],
  ["model", "Models"],
  ["teacher", "Teachers from files"],
  ["loss", "Losses"],
  ["ensemble", "Ensembles"],
  ["metric", "Metrics"],
  ["export", "Exports"],
];

const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (text) => `\`${text}\``;
/** As the language writes it. */
const literal = (value) => (Array.isArray(value) ? `[${value.map(literal).join(", ")}]` : JSON.stringify(value));

function typeOf(schema) {
  if (schema.type === "enum") return schema.values.map((value) => code(`"${value}"`)).join(" or ");
  const base = schema.type === "list" ? `${schema.items.type}[]` : schema.type;
  const one = schema.orOne ? `${code(schema.items.type)} or ` : "";
  return one + code(base) + (schema.or ? ` or ${code(schema.or)}` : "");
}

function rangeOf({ type, items, min, max, exclusiveMin }) {
  if (type === "list") return rangeOf(items);
  if (min !== undefined && max !== undefined) return `${exclusiveMin ? `above ${min}, to` : `${min} to`} ${max}`;
  if (min !== undefined) return exclusiveMin ? `above ${min}` : `from ${min}`;
  return max === undefined ? "" : `to ${max}`;
}

function defaultOf(schema) {
  if (schema.default === undefined) return "required";
  return schema.default === null ? "unset" : code(literal(schema.default));
}

/** A default that names no source was chosen for kdp. */
const sourceOf = (schema) => schema.source ?? (schema.default === undefined || schema.default === null ? "" : "ours");

function table(params) {
  const rows = Object.entries(params).map(([name, schema]) => [
    code(name),
    typeOf(schema),
    defaultOf(schema),
    rangeOf(schema),
    schema.doc ?? "",
    sourceOf(schema),
  ]);
  if (rows.length === 0) return [];
  return [
    "| argument | type | default | range | what it does | where the default comes from |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
    "",
  ];
}

const ports = (signature) =>
  Object.entries(signature.ports ?? {}).map(
    ([name, port]) => `- input ${code(`${name}:`)} ${port.takes}${port.required ? "" : ", optional"}: ${port.doc}`,
  );

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** A trained model takes the shared arguments; here only those that it adds or changes. */
const ownParams = (stage) =>
  stage.kind === "model" && stage.trained
    ? Object.fromEntries(Object.entries(stage.params).filter(([name, schema]) => !same(schema, trainingParams[name])))
    : stage.params;

const sentence = (words) => (words.length === 0 ? "nothing" : words.join(", "));

function factsOf(stage) {
  if (stage.kind === "model") {
    const use = stage.student ? "teacher or student" : "teacher only";
    return [`Shows: ${sentence(stage.views)}. ${stage.trained ? "Trained by gradient" : "Closed form"}; ${use}.`];
  }
  if (stage.kind === "loss") {
    const student = stage.studentNeeds.length > 0 ? `; of the student: ${stage.studentNeeds.join(", ")}` : "";
    const extra = [
      stage.itemSide ? "Reads the items' rankings of users too." : null,
      stage.learningTeacher ? "A copy of the teacher goes on learning." : null,
    ].filter(Boolean);
    return [
      `Teachers: ${stage.teachers}. Needs of them: ${sentence(stage.needs)}${student}.${extra.length > 0 ? ` ${extra.join(" ")}` : ""}`,
    ];
  }
  if (stage.kind === "ensemble")
    return [`Needs of every member: ${sentence(stage.needs)}. Shows: ${sentence(stage.views)}.`];
  if (stage.kind === "teacher") return [`Shows, as far as the files hold it: ${sentence(stage.views)}.`];
  return [];
}

function metricTable() {
  const metrics = Object.entries(library.stages).filter(([, stage]) => stage.kind === "metric");
  return [
    "| metric | written | better | what it is |",
    "| --- | --- | --- | --- |",
    ...metrics.map(
      ([name, { cutoff, higherIsBetter, doc }]) =>
        `| ${code(name)} | ${code(cutoff ? `${name}@10` : name)} | ${higherIsBetter ? "higher" : "lower"} | ${cell(doc)} |`,
    ),
    "",
  ];
}

const linked = (name) => `[${name}](#${name.replace(/[^\w-]/g, "")})`;

/** A line per kind, each stage a link. */
function* contents() {
  yield `- Core: ${[...CORE_SIGNATURES.map(({ stage }) => stage), "@run"].map(linked).join(" ")}`;
  for (const [kind, title] of KINDS) {
    const names = Object.entries(library.stages).flatMap(([name, stage]) => (stage.kind === kind ? [name] : []));
    yield kind === "metric"
      ? `- [Metrics](#metrics): ${names.join(" ")}`
      : `- ${title}: ${names.map(linked).join(" ")}`;
  }
  yield "";
}

function* pages() {
  yield "# Defaults";
  yield "";
  yield "Every stage and argument of the standard library, generated from the manifests by `scripts/write-defaults.mjs`; a test";
  yield "fails when this page and the code differ. What the methods do and why is in [methods.md](methods.md).";
  yield "";
  yield "*required*: the call must give it. *unset*: not given, and the text says what then happens. The last column names the";
  yield "source of a default: a paper, its published code, a third-party code base, or *ours* where it was chosen for kdp.";
  yield "";
  yield* contents();
  yield "## Core";
  yield "";
  for (const signature of CORE_SIGNATURES) {
    yield `### ${signature.stage}`;
    yield "";
    yield signature.doc;
    yield "";
    const inputs = ports(signature);
    if (inputs.length > 0) yield* [...inputs, ""];
    if (signature.dispatch) {
      const { argument, default: fallback, kind } = signature.dispatch;
      yield `\`${argument}\` names the ${kind}${fallback ? ` (default \`"${fallback}"\`)` : ""}; all other arguments are that stage's.`;
      yield "";
    }
    yield* table(signature.params);
  }
  yield "### @run";
  yield "";
  yield "Annotation of a `let`: wishes about the execution. None of them changes a key, but `device`, whose numbers may differ.";
  yield "";
  yield* table(RUN_SCHEMAS);
  for (const [kind, title] of KINDS) {
    yield `## ${title}`;
    yield "";
    if (kind === "model") {
      yield "### Arguments shared by all models trained by gradient";
      yield "";
      yield "The input `valid:` (Events of the validation part) is optional; `early_stop` and `keep_best` need it. Where a model";
      yield "has another default, it stands in that model's table.";
      yield "";
      yield* table(trainingParams);
    }
    if (kind === "metric") {
      yield* metricTable();
      continue;
    }
    for (const [name, stage] of Object.entries(library.stages)) {
      if (stage.kind !== kind) continue;
      yield `### ${name}`;
      yield "";
      yield stage.doc;
      yield "";
      for (const fact of factsOf(stage)) yield* [fact, ""];
      yield* table(ownParams(stage));
      for (const [alias, to] of Object.entries(library.aliases ?? {})) {
        if (to.stage !== name) continue;
        const preset = Object.entries(to.preset).map(([key, value]) => `${key}: ${literal(value)}`);
        yield `\`${alias}\` is \`${name}(${preset.join(", ")})\`.`;
        yield "";
      }
    }
  }
}

const text = `${[...pages()].join("\n").trimEnd()}\n`;
const path = join(root, "docs/defaults.md");
if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    process.stderr.write("docs/defaults.md differs from the manifests; run: node scripts/write-defaults.mjs\n");
    process.exit(1);
  }
} else {
  writeFileSync(path, text);
}
