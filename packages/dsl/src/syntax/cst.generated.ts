// Written by scripts/generate-cst-types.mjs from grammar.ts; do not edit.
import type { CstNode, IToken } from "chevrotain";

export interface ChainCstNode extends CstNode {
  name: "chain";
  children: ChainCstChildren;
}

export type ChainCstChildren = {
  sum: SumCstNode[];
  link?: LinkCstNode[];
};

export interface LinkCstNode extends CstNode {
  name: "link";
  children: LinkCstChildren;
}

export type LinkCstChildren = {
  Arrow: IToken[];
  Each?: IToken[];
  sum: SumCstNode[];
};

export interface SumCstNode extends CstNode {
  name: "sum";
  children: SumCstChildren;
}

export type SumCstChildren = {
  operand: OperandCstNode[];
  Plus?: IToken[];
  Minus?: IToken[];
  Times?: IToken[];
  Divide?: IToken[];
};

export interface OperandCstNode extends CstNode {
  name: "operand";
  children: OperandCstChildren;
}

export type OperandCstChildren = {
  Plus?: IToken[];
  Minus?: IToken[];
  Identifier?: IToken[];
  Metric?: IToken[];
  scalar?: ScalarCstNode[];
  list?: ListCstNode[];
  group?: GroupCstNode[];
  postfix?: PostfixCstNode[];
};

export interface GroupCstNode extends CstNode {
  name: "group";
  children: GroupCstChildren;
}

export type GroupCstChildren = {
  LParen: IToken[];
  chain: ChainCstNode[];
  RParen: IToken[];
};

export interface PostfixCstNode extends CstNode {
  name: "postfix";
  children: PostfixCstChildren;
}

export type PostfixCstChildren = {
  Dot?: IToken[];
  Identifier?: IToken[];
  Metric?: IToken[];
  args?: ArgsCstNode[];
};

export interface ListCstNode extends CstNode {
  name: "list";
  children: ListCstChildren;
}

export type ListCstChildren = {
  LSquare: IToken[];
  Comma?: IToken[];
  element?: ElementCstNode[];
  Junk?: IToken[];
  RSquare: IToken[];
};

export interface ArgsCstNode extends CstNode {
  name: "args";
  children: ArgsCstChildren;
}

export type ArgsCstChildren = {
  LParen: IToken[];
  Comma?: IToken[];
  element?: ElementCstNode[];
  Junk?: IToken[];
  RParen: IToken[];
};

export interface ElementCstNode extends CstNode {
  name: "element";
  children: ElementCstChildren;
}

export type ElementCstChildren = {
  label?: LabelCstNode[];
  chain: ChainCstNode[];
  over?: OverCstNode[];
};

export interface LabelCstNode extends CstNode {
  name: "label";
  children: LabelCstChildren;
}

export type LabelCstChildren = {
  Identifier: IToken[];
  Colon?: IToken[];
  Equals?: IToken[];
};

export interface OverCstNode extends CstNode {
  name: "over";
  children: OverCstChildren;
}

export type OverCstChildren = {
  Over: IToken[];
  Identifier?: IToken[];
  overList?: OverListCstNode[];
};

export interface OverListCstNode extends CstNode {
  name: "overList";
  children: OverListCstChildren;
}

export type OverListCstChildren = {
  LSquare: IToken[];
  Comma?: IToken[];
  Identifier?: IToken[];
  Junk?: IToken[];
  RSquare: IToken[];
};

export interface ScalarCstNode extends CstNode {
  name: "scalar";
  children: ScalarCstChildren;
}

export type ScalarCstChildren = {
  Int?: IToken[];
  Float?: IToken[];
  Duration?: IToken[];
  Bytes?: IToken[];
  BadNumber?: IToken[];
  Text?: IToken[];
  True?: IToken[];
  False?: IToken[];
};

export interface LiteralCstNode extends CstNode {
  name: "literal";
  children: LiteralCstChildren;
}

export type LiteralCstChildren = {
  Minus?: IToken[];
  scalar?: ScalarCstNode[];
  literalList?: LiteralListCstNode[];
  Identifier?: IToken[];
};

export interface LiteralListCstNode extends CstNode {
  name: "literalList";
  children: LiteralListCstChildren;
}

export type LiteralListCstChildren = {
  LSquare: IToken[];
  Comma?: IToken[];
  literal?: LiteralCstNode[];
  Junk?: IToken[];
  RSquare: IToken[];
};

export interface TypeCstNode extends CstNode {
  name: "type";
  children: TypeCstChildren;
}

export type TypeCstChildren = {
  alternative: AlternativeCstNode[];
  Pipe?: IToken[];
};

export interface AlternativeCstNode extends CstNode {
  name: "alternative";
  children: AlternativeCstChildren;
}

export type AlternativeCstChildren = {
  Text?: IToken[];
  Identifier?: IToken[];
  LSquare?: IToken[];
  RSquare?: IToken[];
};

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  version?: VersionCstNode[];
  use?: UseCstNode[];
  import?: ImportCstNode[];
  stage?: StageCstNode[];
  pipeline?: PipelineCstNode[];
  statement?: StatementCstNode[];
  unknown?: UnknownCstNode[];
};

export interface VersionCstNode extends CstNode {
  name: "version";
  children: VersionCstChildren;
}

export type VersionCstChildren = {
  Kdp: IToken[];
  Int: IToken[];
};

export interface UseCstNode extends CstNode {
  name: "use";
  children: UseCstChildren;
}

export type UseCstChildren = {
  Use: IToken[];
  Text: IToken[];
  As?: IToken[];
  Identifier?: IToken[];
};

export interface ImportCstNode extends CstNode {
  name: "import";
  children: ImportCstChildren;
}

export type ImportCstChildren = {
  Import: IToken[];
  LCurly?: IToken[];
  Comma?: IToken[];
  Identifier?: IToken[];
  Junk?: IToken[];
  RCurly?: IToken[];
  From: IToken[];
  Text: IToken[];
};

export interface StageCstNode extends CstNode {
  name: "stage";
  children: StageCstChildren;
}

export type StageCstChildren = {
  Stage: IToken[];
  Identifier: IToken[];
  LParen: IToken[];
  Comma?: IToken[];
  formal?: FormalCstNode[];
  Junk?: IToken[];
  RParen: IToken[];
  Equals: IToken[];
  chain: ChainCstNode[];
};

export interface FormalCstNode extends CstNode {
  name: "formal";
  children: FormalCstChildren;
}

export type FormalCstChildren = {
  Identifier: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  Equals?: IToken[];
  literal?: LiteralCstNode[];
};

export interface PipelineCstNode extends CstNode {
  name: "pipeline";
  children: PipelineCstChildren;
}

export type PipelineCstChildren = {
  Pipeline: IToken[];
  Identifier: IToken[];
  LCurly: IToken[];
  statement?: StatementCstNode[];
  misplaced?: MisplacedCstNode[];
  unknown?: UnknownCstNode[];
  RCurly: IToken[];
};

export interface MisplacedCstNode extends CstNode {
  name: "misplaced";
  children: MisplacedCstChildren;
}

export type MisplacedCstChildren = {
  version?: VersionCstNode[];
  use?: UseCstNode[];
  import?: ImportCstNode[];
  stage?: StageCstNode[];
  pipeline?: PipelineCstNode[];
};

export interface UnknownCstNode extends CstNode {
  name: "unknown";
  children: UnknownCstChildren;
}

export type UnknownCstChildren = {
  Junk: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  param?: ParamCstNode[];
  matrix?: MatrixCstNode[];
  let?: LetCstNode[];
  expect?: ExpectCstNode[];
  export?: ExportCstNode[];
};

export interface ParamCstNode extends CstNode {
  name: "param";
  children: ParamCstChildren;
}

export type ParamCstChildren = {
  Param: IToken[];
  Identifier: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  Equals?: IToken[];
  literal?: LiteralCstNode[];
  range?: RangeCstNode[];
};

export interface RangeCstNode extends CstNode {
  name: "range";
  children: RangeCstChildren;
}

export type RangeCstChildren = {
  In: IToken[];
  literal: LiteralCstNode[];
  DotDot: IToken[];
};

export interface MatrixCstNode extends CstNode {
  name: "matrix";
  children: MatrixCstChildren;
}

export type MatrixCstChildren = {
  Matrix: IToken[];
  LCurly: IToken[];
  Comma?: IToken[];
  entry?: EntryCstNode[];
  Junk?: IToken[];
  RCurly: IToken[];
};

export interface EntryCstNode extends CstNode {
  name: "entry";
  children: EntryCstChildren;
}

export type EntryCstChildren = {
  exclude?: ExcludeCstNode[];
  axis?: AxisCstNode[];
};

export interface AxisCstNode extends CstNode {
  name: "axis";
  children: AxisCstChildren;
}

export type AxisCstChildren = {
  Identifier: IToken[];
  Colon: IToken[];
  literal: LiteralCstNode[];
};

export interface ExcludeCstNode extends CstNode {
  name: "exclude";
  children: ExcludeCstChildren;
}

export type ExcludeCstChildren = {
  Exclude: IToken[];
  LCurly: IToken[];
  Comma?: IToken[];
  excludeEntry?: ExcludeEntryCstNode[];
  Junk?: IToken[];
  RCurly: IToken[];
};

export interface ExcludeEntryCstNode extends CstNode {
  name: "excludeEntry";
  children: ExcludeEntryCstChildren;
}

export type ExcludeEntryCstChildren = {
  Identifier: IToken[];
  Colon: IToken[];
  literal: LiteralCstNode[];
};

export interface LetCstNode extends CstNode {
  name: "let";
  children: LetCstChildren;
}

export type LetCstChildren = {
  annotation?: AnnotationCstNode[];
  Let: IToken[];
  Identifier: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals: IToken[];
  chain: ChainCstNode[];
};

export interface AnnotationCstNode extends CstNode {
  name: "annotation";
  children: AnnotationCstChildren;
}

export type AnnotationCstChildren = {
  At: IToken[];
  Identifier: IToken[];
  args: ArgsCstNode[];
};

export interface ExpectCstNode extends CstNode {
  name: "expect";
  children: ExpectCstChildren;
}

export type ExpectCstChildren = {
  Expect: IToken[];
  sum: SumCstNode[];
  Compare?: IToken[];
  Equals?: IToken[];
  otherwise?: OtherwiseCstNode[];
  Text?: IToken[];
};

export interface OtherwiseCstNode extends CstNode {
  name: "otherwise";
  children: OtherwiseCstChildren;
}

export type OtherwiseCstChildren = {
  Else: IToken[];
  Identifier: IToken[];
};

export interface ExportCstNode extends CstNode {
  name: "export";
  children: ExportCstChildren;
}

export type ExportCstChildren = {
  Export: IToken[];
  Identifier: IToken[];
  Equals: IToken[];
  chain: ChainCstNode[];
};
