import { report } from "../../diagnostics/create-diagnostic.js";
import type { Cell } from "../../plan/plan.js";
import type { Let } from "../../syntax/ast.js";
import { type Axes, cellKey, distinctCells, project, unite } from "../axes.js";
import { ALL_TYPES, checkTypeNames, conform, typeText } from "../declared-types.js";
import { evaluateSettled } from "../evaluate.js";
import type { FileScope } from "../files.js";
import type { Binding, Frame, Locals, Session } from "../frame.js";
import { type Landing, landingOf } from "../node-table.js";
import { typeName } from "../type-names.js";
import { UNKNOWN, type Value } from "../values.js";
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

  /** The latest `let` of that name before `limit`. */
  const indexOf = (name: string, limit: number): number => {
    for (let index = limit - 1; index >= 0; index--) if (lets[index]!.name.text === name) return index;
    return -1;
  };

  const axesThrough = (names: Iterable<string>, limit: number): Axes => {
    let axes: Axes = [];
    for (const name of names) {
      const index = indexOf(name, limit);
      if (index !== -1) axes = unite(axes, reach[index]!);
      else if (name in matrix.axes) axes = unite(axes, [name]);
    }
    return axes;
  };

  const paramValue = (name: string, cell: Cell): Binding | null => {
    const literal = name in cell ? matrix.literals.get(name)?.get(cell[name]!) : undefined;
    const state = params.get(name);
    if (literal) {
      const origin = { kind: "param", param: name, value: "cell" } as const;
      const span = state?.ast.name.span ?? { file: file.file, start: 0, end: 0 };
      return { value: withOrigin(literal, origin, [name]), span };
    }
    return state ? { value: state.value, span: state.ast.name.span } : null;
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
      findLater: (name) => lets.slice(limit).find((later) => later.name.text === name)?.name.span ?? null,
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
    const names = [...namesIn(statement.value), ...statement.annotations.flatMap(({ args }) => [...namesInArgs(args)])];
    const axes = axesThrough(names, index);
    reach.push(axes);
    const own = new Map<string, Value>();
    values.push(own);
    if (statement.type) checkTypeNames(statement.type, ALL_TYPES, session.reporter);
    for (const cell of distinctCells(session.cells, axes)) {
      session.reporter.nextEvaluation();
      const run = runSpecOf(statement, frame(cell, landingOf(statement.name.text), index));
      const landing = landingOf(statement.name.text, run);
      const value = withRun(evaluateSettled(statement.value, frame(cell, landing, index)), run);
      session.nodes.land(landing, value, cell);
      own.set(cellKey(project(cell, axes)), annotated(statement, value, session));
    }
  });

  return {
    lets,
    frame,
    read: (names, limit = lets.length) => [...names].map((name) => indexOf(name, limit)).filter((i) => i !== -1),
    valuesOf: (index) => [...values[index]!.values()],
  };
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
