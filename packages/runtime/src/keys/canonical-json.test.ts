import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.js";
import { sha256 } from "./sha256.js";

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

/** JSON knows no -0: it is 0 to a reader, and so to a key. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const equal = (a: unknown, b: unknown): boolean => {
  try {
    expect(plain(a)).toStrictEqual(plain(b));
    return true;
  } catch {
    return false;
  }
};

describe("canonical JSON of any two values", () => {
  it("is the same whatever the order of members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it("is read back and written to the same text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("and its hash differ where the values do", () => {
    // Few names and values, so that equal pairs and near misses are drawn often.
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<unknown>(null, 0, 1, "", "0", "a", true, false, [], {}),
        fc.array(tie("value"), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2 }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = equal(a, b);
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same);
        expect(sha256(canonicalJson(a)) === sha256(canonicalJson(b))).toBe(same);
      }),
      { numRuns: 300 },
    );
  });
});
