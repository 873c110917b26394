import type { Span } from "../diagnostics/diagnostic.js";

/** A name as written, with its place. `missing` is true for a name that recovery invented: later phases stay silent about it. */
export interface Name {
  readonly text: string;
  readonly span: Span;
  readonly missing?: true;
}

interface Node {
  readonly span: Span;
}

export interface SourceFile extends Node {
  readonly kind: "file";
  readonly version: { readonly value: number; readonly span: Span } | null;
  readonly uses: readonly Use[];
  readonly imports: readonly Import[];
  readonly stages: readonly StageDef[];
  readonly pipelines: readonly Pipeline[];
}

export interface Use extends Node {
  readonly kind: "use";
  /** Text of the string: `@acme/x@^1.2`. */
  readonly spec: StringLiteral;
  readonly alias: Name | null;
}

export interface Import extends Node {
  readonly kind: "import";
  readonly names: readonly Name[];
  readonly from: StringLiteral;
}

export interface StageDef extends Node {
  readonly kind: "stage-def";
  readonly doc: string | null;
  readonly name: Name;
  readonly formals: readonly Formal[];
  readonly body: Expr;
}

export interface Formal extends Node {
  readonly kind: "formal";
  readonly name: Name;
  readonly type: TypeExpr;
  readonly default: Literal | null;
}

export interface Pipeline extends Node {
  readonly kind: "pipeline";
  readonly doc: string | null;
  readonly name: Name;
  readonly statements: readonly Statement[];
}

export type Statement = Param | Matrix | Let | Expect | Export;

export interface Param extends Node {
  readonly kind: "param";
  readonly doc: string | null;
  readonly name: Name;
  readonly type: TypeExpr;
  readonly default: Literal | null;
  readonly range: { readonly low: Literal; readonly high: Literal; readonly span: Span } | null;
}

export interface Matrix extends Node {
  readonly kind: "matrix";
  readonly axes: readonly { readonly name: Name; readonly values: ListLiteral; readonly span: Span }[];
  readonly excludes: readonly {
    readonly entries: readonly { readonly name: Name; readonly value: Literal }[];
    readonly span: Span;
  }[];
}

export interface Let extends Node {
  readonly kind: "let";
  readonly doc: string | null;
  readonly annotations: readonly { readonly name: Name; readonly args: readonly Arg[]; readonly span: Span }[];
  readonly name: Name;
  readonly type: TypeExpr | null;
  readonly value: Expr;
}

export interface Expect extends Node {
  readonly kind: "expect";
  readonly left: Expr;
  readonly op: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly opSpan: Span;
  readonly right: Expr;
  readonly onFailure: "warn" | "fail";
  readonly message: string | null;
}

export interface Export extends Node {
  readonly kind: "export";
  readonly name: Name;
  readonly value: Expr;
}

// --- expressions --------------------------------------------------------------------------------------------------

export type Expr = Chain | Binary | Unary | Member | Call | NameRef | MetricRef | Literal | ListExpr | Missing;

/** `left -> right`, or `left -> each right`. Left-associative. */
export interface Chain extends Node {
  readonly kind: "chain";
  readonly left: Expr;
  readonly right: Expr;
  readonly each: boolean;
  /** Place of the arrow. */
  readonly arrow: Span;
}

export interface Binary extends Node {
  readonly kind: "binary";
  readonly op: "+" | "-" | "*" | "/";
  readonly opSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
}

export interface Unary extends Node {
  readonly kind: "unary";
  readonly op: "+" | "-";
  readonly operand: Expr;
}

/** `object.name` or `object.ndcg@10`. */
export interface Member extends Node {
  readonly kind: "member";
  readonly object: Expr;
  readonly member: Name | MetricRef;
}

export interface Call extends Node {
  readonly kind: "call";
  readonly callee: Expr;
  readonly args: readonly Arg[];
}

/** `value`, `label: value`, `value over seed`, `value over [seed, dim]`. */
export interface Arg extends Node {
  readonly kind: "arg";
  readonly label: Name | null;
  readonly value: Expr;
  readonly over: readonly Name[] | null;
}

export interface NameRef extends Node {
  readonly kind: "name";
  readonly name: Name;
}

export interface MetricRef extends Node {
  readonly kind: "metric";
  readonly metric: string;
  readonly cutoff: number;
}

/** Elements may carry labels. */
export interface ListExpr extends Node {
  readonly kind: "list";
  readonly elements: readonly Arg[];
}

/** An expression that is not there: recovery's stand-in. It has every type and causes no further message. */
export interface Missing extends Node {
  readonly kind: "missing";
}

// --- literals ------------------------------------------------------------------------------------------------------

export type Literal = NumberLiteral | StringLiteral | BoolLiteral | DurationLiteral | BytesLiteral | ListLiteral;

export interface NumberLiteral extends Node {
  readonly kind: "number";
  readonly value: number;
  readonly integer: boolean;
  readonly text: string;
}

export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: string;
}

export interface BoolLiteral extends Node {
  readonly kind: "bool";
  readonly value: boolean;
}

export interface DurationLiteral extends Node {
  readonly kind: "duration";
  readonly seconds: number;
  readonly text: string;
}

export interface BytesLiteral extends Node {
  readonly kind: "bytes";
  readonly bytes: number;
  readonly text: string;
}

/** A list where the grammar allows only literals (`param` defaults, axes). In expressions lists are `ListExpr`. */
export interface ListLiteral extends Node {
  readonly kind: "list-literal";
  readonly items: readonly Literal[];
}

// --- types -----------------------------------------------------------------------------------------------------------

/** `int`, `Events`, `path[]`, `"bprmf" | "lightgcn"`. */
export interface TypeExpr extends Node {
  readonly kind: "type";
  readonly alternatives: readonly (
    | { readonly kind: "named"; readonly name: Name; readonly list: boolean }
    | { readonly kind: "value"; readonly value: string; readonly span: Span }
  )[];
}

// --- comments --------------------------------------------------------------------------------------------------------

/** `// text` or `/// text`. Comments are beside the tree, in order; `doc` of a declaration has the text of its `///` lines. */
export interface Comment {
  /** As written, slashes included. */
  readonly text: string;
  readonly doc: boolean;
  readonly span: Span;
}
