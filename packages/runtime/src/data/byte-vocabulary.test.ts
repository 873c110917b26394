import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteVocabulary } from "./byte-vocabulary.js";

describe("ByteVocabulary", () => {
  it("numbers ids in the order of first appearance", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 5 })), (texts) => {
        const ids = new ByteVocabulary();
        const order: string[] = [];
        for (const text of texts) {
          if (!order.includes(text)) order.push(text);
          expect(ids.internText(text)).toBe(order.indexOf(text));
        }
        expect(ids.texts()).toEqual(order);
      }),
    );
  });

  it("keeps its numbering while it grows", () => {
    const ids = new ByteVocabulary();
    const n = 50_000;
    for (let i = 0; i < n; i++) expect(ids.internText(`item-${i}`)).toBe(i);
    for (let i = 0; i < n; i += 777) expect(ids.internText(`item-${i}`)).toBe(i);
    expect(ids.text(n - 1)).toBe(`item-${n - 1}`);
    const some = ids.packed(Int32Array.of(7, 3));
    expect(Buffer.from(some.bytes).toString()).toBe("item-7item-3");
    expect(some.offsets).toEqual(Int32Array.of(0, 6, 12));
    expect(ids.packed().offsets.length).toBe(n + 1);
  });

  it("tells numbers that look alike apart", () => {
    const ids = new ByteVocabulary();
    const texts = ["0", "00", "7", "07", "+7", "1234567", "12345678", "", "7 "];
    expect(texts.map((text) => ids.internText(text))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(texts.map((text) => ids.internText(text))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("refuses bytes that are no UTF-8", () => {
    const ids = new ByteVocabulary();
    expect(ids.intern(Uint8Array.of(0x66, 0xfc, 0x72), 0, 3)).toBe(-1);
    expect(ids.size).toBe(0);
  });
});
