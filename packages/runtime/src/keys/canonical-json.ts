/**
 * JSON with sorted object keys and no white space: equal values give equal text, so that a hash of it can be a key.
 * A member that is `undefined` is left out.
 * @throws TypeError for a number that is not finite, a bigint, a function or a symbol: none may enter a key unnoticed
 */
export function canonicalJson(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "string":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
      // -0 and 0 are one value to a stage and must be one key.
      return JSON.stringify(value === 0 ? 0 : value);
    case "object":
      return Array.isArray(value) ? listOf(value) : objectOf(value as Readonly<Record<string, unknown>>);
    default:
      throw new TypeError(`a ${typeof value} cannot be written as JSON`);
  }
}

const listOf = (values: readonly unknown[]): string => `[${values.map(canonicalJson).join(",")}]`;

function objectOf(value: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}
