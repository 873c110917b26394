import { fix, report } from "../../diagnostics/create-diagnostic.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Cell, Scalar } from "../../plan/plan.js";
import type { Literal, Matrix, Name, Param, Pipeline } from "../../syntax/ast.js";
import { conform, isKnownType, SCALAR_TYPES, typeText } from "../declared-types.js";
import { definedTwice } from "../files.js";
import { literalText, literalValue } from "../literals.js";
import type { Reporter } from "../reporter.js";
import { typeName } from "../type-names.js";
import type { Value } from "../values.js";
import { parseGiven } from "./given-values.js";
import { boundsOf, rangeOf } from "./param-values.js";

export const MAX_CELLS = 256;

export interface MatrixState {
  /** Values by axis, in the order of the source; after pins. */
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  /** The literal behind each value. */
  readonly literals: ReadonlyMap<string, ReadonlyMap<Scalar, Value>>;
  readonly cells: readonly Cell[];
}

interface Axis {
  readonly name: Name;
  readonly values: Map<Scalar, Value>;
}

/** Axes and cells of a pipeline; a single empty cell without a matrix. */
export function resolveMatrix(
  pipeline: Pipeline,
  params: readonly Param[],
  set: Readonly<Record<string, string>>,
  maxCells: number,
  base: string,
  reporter: Reporter,
): MatrixState {
  const matrices = pipeline.statements.filter((statement): statement is Matrix => statement.kind === "matrix");
  for (const extra of matrices.slice(1)) {
    const place = { text: "matrix", span: { ...extra.span, end: extra.span.start + "matrix".length } };
    const [first] = matrices;
    reporter.add(definedTwice("the", place, { ...first!.span, end: first!.span.start + "matrix".length }));
  }
  const [matrix] = matrices;
  if (!matrix) return { axes: {}, literals: new Map(), cells: [{}] };

  const axes = readAxes(matrix, params, base, reporter);
  const count = axes.reduce((product, axis) => product * axis.values.size, 1);
  const names = Object.fromEntries(axes.map(({ name, values }) => [name.text, [...values.keys()]]));
  const literals = new Map(axes.map(({ name, values }) => [name.text, values]));
  const tooMany = () => {
    const notes = [`\`--max-cells ${count}\` allows them`];
    const span = { ...matrix.span, end: matrix.span.start + "matrix".length };
    reporter.add(report("KDP4404", { count, max: maxCells }, span, { notes }));
  };
  // A product that could not even be listed is refused before it is built.
  if (count > 64 * maxCells) {
    tooMany();
    return { axes: names, literals, cells: [firstCell(axes)] };
  }
  const kept = exclude(matrix, axes, product(axes), reporter);
  const pins = pinned(axes, params, set, reporter);
  const cells = kept.filter((cell) => pins.every(({ axis, value }) => cell[axis] === value));
  if (cells.length > maxCells) tooMany();
  if (cells.length === 0 && kept.length > 0) {
    const notes = [`\`--set\` leaves the cell ${pins.map(({ axis, value }) => `${axis}=${value}`).join(", ")}`];
    const span = { ...matrix.span, end: matrix.span.start + "matrix".length };
    reporter.add(report("KDP4403", {}, span, { variant: "everything", notes }));
  }
  const open = Object.entries(names).map(([name, values]) => {
    const pin = pins.find(({ axis }) => axis === name);
    return [name, pin ? values.filter((value) => value === pin.value) : values] as const;
  });
  // With every cell gone the rest is checked in one that could have been.
  return {
    axes: Object.fromEntries(open),
    literals,
    cells: cells.length === 0 ? [firstCell(axes)] : cells.slice(0, maxCells),
  };
}

function readAxes(matrix: Matrix, params: readonly Param[], base: string, reporter: Reporter): readonly Axis[] {
  const axes: Axis[] = [];
  for (const { name: written, values } of matrix.axes) {
    if (written.missing) continue;
    const name = asParam(written, params, reporter);
    const earlier = axes.find((axis) => axis.name.text === name.text);
    if (earlier) {
      reporter.add(definedTwice("axis", name, earlier.name.span));
      continue;
    }
    const param = params.find((candidate) => candidate.name.text === name.text);
    const read = readValues(name, values.items, param, base, reporter);
    if (read.size > 0) axes.push({ name, values: read });
    else if (values.items.length === 0) {
      reporter.add(report("KDP4401", { name: name.text }, name.span, { variant: "empty" }));
    }
  }
  return axes;
}

function readValues(
  name: Name,
  items: readonly Literal[],
  param: Param | undefined,
  base: string,
  reporter: Reporter,
): Map<Scalar, Value> {
  const values = new Map<Scalar, Value>();
  for (const item of items) {
    const raw = literalValue(item, base);
    const value = param ? axisValue(param, raw, item, reporter) : raw;
    if (value?.kind !== "literal") continue;
    if (values.has(value.value)) {
      const params = { name: name.text, value: literalText(value) };
      reporter.add(report("KDP4403", params, item.span, { variant: "repeated" }));
    } else values.set(value.value, value);
  }
  return values;
}

/** KDP4402: a value of an axis must be a value of its param. */
function axisValue(param: Param, raw: Value, item: Literal, reporter: Reporter): Value | null {
  if (!isKnownType(param.type, SCALAR_TYPES)) return raw;
  const name = param.name.text;
  const value = raw.kind === "list" ? null : conform(raw, param.type);
  const related = [{ span: param.span, label: "the param" }];
  if (!value) {
    const written = raw.kind === "list" ? typeName(raw) : literalText(raw);
    const params = { value: written, expected: typeText(param.type), name };
    reporter.add(report("KDP4402", params, item.span, { variant: "type", related }));
    return null;
  }
  if (rangeOf(param, value) === null) return value;
  const { min = "", max = "" } = boundsOf(param);
  reporter.add(report("KDP4402", { value: literalText(value), name, low: min, high: max }, item.span, { related }));
  return null;
}

/** The param that an axis names; of a misspelt one the param that was meant, so that the rest is checked with it. */
function asParam(name: Name, params: readonly Param[], reporter: Reporter): Name {
  const known = params.map((param) => param.name.text);
  if (known.includes(name.text)) return name;
  const suggestion = didYouMean(name.text, known);
  if (suggestion === null) {
    const notes = [`declare it: \`param ${name.text}: int\``];
    reporter.add(report("KDP4401", { name: name.text }, name.span, { notes }));
    return name;
  }
  const fixes = [fix(`write \`${suggestion}\``, name.span, suggestion)];
  reporter.add(report("KDP4401", { name: name.text, suggestion }, name.span, { variant: "suggestion", fixes }));
  return { ...name, text: suggestion };
}

function product(axes: readonly Axis[]): readonly Cell[] {
  return axes.reduce<readonly Cell[]>(
    (cells, { name, values }) => cells.flatMap((cell) => [...values.keys()].map((v) => ({ ...cell, [name.text]: v }))),
    [{}],
  );
}

const firstCell = (axes: readonly Axis[]): Cell =>
  Object.fromEntries(axes.map(({ name, values }) => [name.text, [...values.keys()][0]!]));

function exclude(matrix: Matrix, axes: readonly Axis[], cells: readonly Cell[], reporter: Reporter): readonly Cell[] {
  let kept = cells;
  const known = axes.map(({ name }) => name.text);
  for (const { entries, span } of matrix.excludes) {
    const strangers = entries.filter(({ name }) => !name.missing && !known.includes(name.text));
    for (const { name } of strangers) {
      // An axis whose values are all wrong has been reported.
      if (matrix.axes.some((axis) => axis.name.text === name.text)) continue;
      const nearest = didYouMean(name.text, known);
      const fixes = nearest === null ? [] : [fix(`write \`${nearest}\``, name.span, nearest)];
      reporter.add(report("KDP4401", { name: name.text }, name.span, { variant: "exclude", fixes }));
    }
    const isWhole = strangers.length === 0 && entries.every(({ name }) => !name.missing);
    if (!isWhole || entries.length === 0) continue;
    const matches = (cell: Cell) =>
      entries.every(({ name, value }) => {
        const literal = literalValue(value, null);
        return literal.kind === "literal" && cell[name.text] === literal.value;
      });
    const left = kept.filter((cell) => !matches(cell));
    if (left.length === kept.length) reporter.add(report("KDP4403", {}, span));
    else if (left.length === 0) {
      reporter.add(report("KDP4403", {}, span, { variant: "everything" }));
      return [];
    }
    kept = left;
  }
  return kept;
}

/** `--set` of an axis pins it to one of its values. */
function pinned(
  axes: readonly Axis[],
  params: readonly Param[],
  set: Readonly<Record<string, string>>,
  reporter: Reporter,
): readonly { readonly axis: string; readonly value: Scalar }[] {
  return axes.flatMap(({ name, values }) => {
    const written = Object.hasOwn(set, name.text) ? set[name.text] : undefined;
    const param = params.find((candidate) => candidate.name.text === name.text);
    if (written === undefined || !param) return [];
    const value = parseGiven(written, param.type);
    if (value?.kind === "literal" && values.has(value.value)) return [{ axis: name.text, value: value.value }];
    const list = [...values.values()].map(literalText).join(", ");
    const notes = [`given by \`--set ${name.text}=${written}\``];
    const message = { value: written, name: name.text, values: list };
    reporter.add(report("KDP4402", message, name.span, { variant: "unlisted", notes }));
    return [];
  });
}
