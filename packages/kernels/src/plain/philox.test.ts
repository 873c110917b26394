import { expect, it } from "vitest";
import { philoxBlock } from "./philox.js";

const words = (text: string): number[] => text.split(" ").map((word) => Number.parseInt(word, 16));

// Known-answer vectors published with Salmon et al. 2011 (Random123, kat_vectors): counter, key, output.
it.each([
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
])("Philox4x32-10 of counter %s under key %s", (counter, key, expected) => {
  const [block, lane, n0, n1] = words(counter) as [number, number, number, number];
  const [k0, k1] = words(key) as [number, number];
  expect(philoxBlock({ key: [k0, k1], nonce: [n0, n1] }, lane, block)).toEqual(words(expected));
});
