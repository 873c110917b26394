import type { Purpose, RandomStream, Streams } from "../random.js";

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A stream of random numbers for tests; the engine's own are counter-based, these need only be repeatable. */
export function testStream(name: string): RandomStream {
  let state = hash(name);
  const word = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const uniform = () => word() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const below = (bound: number): number => {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 31)) throw new RangeError(`below(${bound})`);
    return Math.floor(uniform() * bound);
  };
  return {
    uniform,
    below,
    normal,
    fillNormal: (out, scale) => {
      for (let i = 0; i < out.length; i++) out[i] = normal() * scale;
    },
    fillUniform: (out, low, high) => {
      for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * uniform();
    },
    shuffle: (values) => {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const held = values[i] as number;
        values[i] = values[j] as number;
        values[j] = held;
      }
    },
  };
}

/** Streams of one node, named by `seed`. */
export const testStreams = (seed: number | string): Streams => ({
  stream: (purpose: Purpose, epoch: number) => testStream(`${seed}/${purpose}/${epoch}`),
});
