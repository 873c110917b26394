const BRAND = Symbol.for("kdp/input-error");

/**
 * What a plugin throws when the fault lies in the user's data, files or arguments and not in the plugin: it is reported
 * with its code, place and fix (exit code 2) and blames nobody's code.
 *
 * @example
 * throw new InputError("KDP7203", "the scores hold 3 NaN", { place: path, fix: "remove these rows" });
 */
export class InputError extends Error {
  /** A code of the KDP7 range (`kdp explain`). */
  readonly code: `KDP7${number}`;
  /** File, with line where there is one; the node when left out. */
  readonly place: string | undefined;
  readonly fix: string | undefined;
  readonly [BRAND] = true;

  constructor(
    code: `KDP7${number}`,
    message: string,
    details: { readonly place?: string; readonly fix?: string } = {},
  ) {
    super(message);
    this.name = "InputError";
    this.code = code;
    this.place = details.place;
    this.fix = details.fix;
  }
}

/** True also for the errors of another copy of this package: a plugin may have brought its own. */
export const isInputError = (error: unknown): error is InputError =>
  typeof error === "object" && error !== null && BRAND in error;
