/** What stands between this machine and the device, with the step that removes it. */
export class Missing extends Error {
  constructor(
    /** For a person: `libtensorflow is missing from …`. */
    readonly reason: string,
    /** The command or step that mends it; null when nothing would. */
    readonly mend: string | null,
  ) {
    super(mend === null ? reason : `${reason}; to mend it: ${mend}`);
    this.name = "Missing";
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
