/** Which of the four kinds of failure (exit code) a fault belongs to. */
export type FaultKind = "user" | "run" | "bug";

export const EXIT_CODE: Readonly<Record<FaultKind, number>> = { user: 2, run: 3, bug: 4 };

/** Data of a failure: what a person needs to mend it. Crosses process boundaries as plain JSON. */
export interface FaultData {
  /** KDP5 plugins, KDP7 data (user faults); KDP8 run; KDP9 bug of kdp. */
  readonly code: string;
  readonly kind: FaultKind;
  readonly message: string;
  /** Node, file with line, plugin with version: as far as known. */
  readonly place?: string;
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
