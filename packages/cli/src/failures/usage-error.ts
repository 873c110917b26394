/** A command line that cannot be understood: what is wrong and how to write it. Ends with exit code 2. */
export class UsageError extends Error {
  readonly fix: string | null;
  constructor(message: string, fix: string | null = null) {
    super(message);
    this.name = "UsageError";
    this.fix = fix;
  }
}
