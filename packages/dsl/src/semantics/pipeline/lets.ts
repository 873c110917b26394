import { report } from "../../diagnostics/create-diagnostic.js";
import type { Cell } from "../../plan/plan.js";
import type { Let } from "../../syntax/ast.js";
import { type Axes, cellKey, project, unite } from "../axes.js";
import { ALL_TYPES, checkTypeNames, conform, typeText } from "../declared-types.js";
import { evaluateSettled } from "../evaluate.js";
import type { FileScope } from "../files.js";
import type { Binding, Frame, Locals, Session } from "../frame.js";
import { type Landing, landingOf } from "../node-table.js";
import { typeName } from "../type-names.js";
import { axesOf, isUnknown, UNKNOWN, type Value } from "../values.js";
import { runSpecOf, withRun } from "./annotations.js";
import type { MatrixState } from "./matrix.js";
import { type ParamState, withOrigin } from "./params.js";
import { namesIn, namesInArgs } from "./references.js";

/** The `let`s of a pipeline, evaluated once per combination of the axes that can reach them. */
export interface Lets {
  readonly lets: readonly Let[];
  /** A frame in which all of them, or those before one, are in sight. */
  frame(cell: Cell, landing: Landing, limit?: number): Frame;
  /** Positions of the `let`s that an expression reads directly. */
  read(names: Iterable<string>, limit?: number): readonly number[];
  /** Axes that can reach an expression through the names in it. */
  axesThrough(names: Iterable<string>): Axes;
  valuesOf(index: number): readonly Value[];
}

export interface LetsInput {
  readonly lets: readonly Let[];
  readonly params: ReadonlyMap<string, ParamState>;
  readonly matrix: MatrixState;
  readonly file: FileScope;
  readonly session: Session;
}

export function evaluateLets({ lets, params, matrix, file, session }: LetsInput): Lets {
  const values: Map<string, Value>[] = [];
  const reach: Axes[] = [];
  const positions = positionsOf(lets);

  /** The latest `let` of that name before `limit`. */
  const indexOf = (name: string, limit: number): number =>
    positions.get(name)?.findLast((position) => position < limit) ?? -1;

  const axesThrough = (names: Iterable<string>, limit: number): Axes => {
    let axes: Axes = [];
    for (const name of names) {
      const index = indexOf(name, limit);
      if (index !== -1) axes = unite(axes, reach[index]!);
      else if (Object.hasOwn(matrix.axes, name)) axes = unite(axes, [name]);
    }
    return axes;
  };

  const paramValue = (name: string, cell: Cell): Binding | null => {
    const state = params.get(name);
    const literal = Object.hasOwn(cell, name) ? matrix.literals.get(name)?.get(cell[name]!) : undefined;
    if (!literal) return state ? { value: state.value, span: state.ast.name.span } : null;
    const origin = { kind: "param", param: name, value: "cell" } as const;
    const span = state?.ast.name.span ?? { file: file.file, start: 0, end: 0 };
    return { value: withOrigin(literal, origin, [name]), span };
  };

  const localsFor = (cell: Cell, limit: number): Locals => {
    const letValue = (index: number) => values[index]?.get(cellKey(project(cell, reach[index]!))) ?? UNKNOWN;
    return {
      find: (name) => {
        const index = indexOf(name, limit);
        const binding =
          index === -1 ? paramValue(name, cell) : { value: letValue(index), span: lets[index]!.name.span };
        if (binding) session.usage.mark(binding.span);
        return binding;
      },
      findLater: (name) => {
        const later = positions.get(name)?.find((position) => position >= limit);
        return later === undefined ? null : lets[later]!.name.span;
      },
      names: () => [
        ...lets.slice(0, limit).map((item, index) => ({ name: item.name.text, value: letValue(index) })),
        ...[...params.keys()].map((name) => ({ name, value: paramValue(name, cell)?.value ?? UNKNOWN })),
      ],
    };
  };

  const frame = (cell: Cell, landing: Landing, limit = lets.length): Frame => ({
    session,
    file,
    cell,
    landing,
    locals: localsFor(cell, limit),
    labels: [],
    expanding: [],
    at: (other) => frame(other, landing, limit),
  });

  lets.forEach((statement, index) => {
    const inAnnotations = statement.annotations.flatMap(({ args }) => [...namesInArgs(args)]);
    const axes = axesThrough([...namesIn(statement.value), ...inAnnotations], index);
    reach.push(axes);
    const own = new Map<string, Value>();
    values.push(own);
    if (statement.type) checkTypeNames(statement.type, ALL_TYPES, session.reporter);
    // A stage that closes axes (`best_of`) leaves a value that fewer axes reach than its names do.
    let narrower: Axes | null = null;
    const same = new Map<string, Value>();
    session.reporter.inCells(session.cells, axes, (cell) => {
      const known = narrower ? same.get(cellKey(project(cell, narrower))) : undefined;
      if (known) {
        own.set(cellKey(project(cell, axes)), known);
        return "same";
      }
      const run = runSpecOf(statement, frame(cell, landingOf(statement.name.text), index));
      const landing = landingOf(statement.name.text, run);
      const value = withRun(evaluateSettled(statement.value, frame(cell, landing, index)), run);
      session.nodes.land(landing, value, cell);
      const result = annotated(statement, value, session);
      own.set(cellKey(project(cell, axes)), result);
      if (isUnknown(result)) return undefined;
      narrower ??= axesOf(result);
      if (narrower.length < axes.length) same.set(cellKey(project(cell, narrower)), result);
      return undefined;
    });
  });

  return {
    lets,
    frame,
    read: (names, limit = lets.length) => [...names].map((name) => indexOf(name, limit)).filter((i) => i !== -1),
    axesThrough: (names) => axesThrough(names, lets.length),
    valuesOf: (index) => [...values[index]!.values()],
  };
}

/** Positions of each name, first to last. */
function positionsOf(lets: readonly Let[]): ReadonlyMap<string, readonly number[]> {
  const positions = new Map<string, number[]>();
  lets.forEach(({ name }, index) => {
    const known = positions.get(name.text);
    if (known) known.push(index);
    else positions.set(name.text, [index]);
  });
  return positions;
}

/** `let x: Model = …` is checked, and otherwise says nothing new. */
function annotated(statement: Let, value: Value, session: Session): Value {
  if (!statement.type) return value;
  const conforming = conform(value, statement.type);
  if (conforming) return conforming;
  const params = { name: statement.name.text, expected: typeText(statement.type), actual: typeName(value) };
  const related = [{ span: statement.type.span, label: "declared here" }];
  session.reporter.add(report("KDP2203", params, statement.value.span, { variant: "annotation", related }));
  return value;
}
