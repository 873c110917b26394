import type { Span } from "@kdp/dsl";

/** Which of the four kinds of failure (exit code) a fault belongs to. */
export type FaultKind = "user" | "run" | "bug";

export const EXIT_CODE: Readonly<Record<FaultKind, number>> = { user: 2, run: 3, bug: 4 };

/** A stretch of a `.kdp` file. Lines and columns from 1, columns in UTF-16 units, the end exclusive. */
export interface SourcePlace extends Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Data of a failure: what a person needs to mend it. Crosses process boundaries as plain JSON. */
export interface FaultData {
  /** KDP5 plugins, KDP7 data (user faults); KDP8 run; KDP9 bug of kdp. */
  readonly code: string;
  readonly kind: FaultKind;
  readonly message: string;
  /** Node, file with line, plugin with version: as far as known. */
  readonly place?: string;
  /** The argument of the node to look at, where one is known. */
  readonly argument?: string;
  /** Id of the node that failed. */
  readonly node?: string;
  /** Where the pipeline asks for it; `file` is absolute, in a manifest relative to the project. */
  readonly at?: SourcePlace;
  readonly fix?: string;
  /** True when trying again could help (the machine's fault, not the input's). */
  readonly retriable?: boolean;
  readonly stack?: string;
}

/** The one exception type of the runtime; everything else that is thrown is a bug of kdp or of a plugin. */
export class RuntimeFault extends Error {
  readonly data: FaultData;
  constructor(data: FaultData, options?: ErrorOptions) {
    super(data.message, options);
    this.name = "RuntimeFault";
    this.data = data;
  }
}
