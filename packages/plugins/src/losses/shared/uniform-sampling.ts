import type { RandomStream } from "@kdp/plugin-api";

/**
 * Draws ids of `0 .. universe - 1` uniformly without replacement among those that are not excluded, by rejection against a
 * table of stamps: memory is one number per id, never a dense user × item mask.
 */
export interface UniformSampler {
  /** Starts the draws of another row: nothing is excluded. */
  begin(): void;
  exclude(ids: Int32Array, from: number, to: number): void;
  /**
   * Writes up to `count` distinct ids that are neither excluded nor drawn before in this row; fewer when no more are left.
   * @returns how many were written
   */
  draw(stream: RandomStream, count: number, out: Int32Array, at: number): number;
}

export function uniformSampler(universe: number): UniformSampler {
  const stamp = new Int32Array(universe);
  let row = 0;
  let free = universe;

  return {
    begin() {
      row++;
      free = universe;
    },
    exclude(ids, from, to) {
      for (let i = from; i < to; i++) {
        const id = ids[i]!;
        // Ranking rows shorter than their table are filled with -1.
        if (id < 0 || stamp[id] === row) continue;
        stamp[id] = row;
        free--;
      }
    },
    draw(stream, count, out, at) {
      const n = Math.min(count, free);
      if (4 * n > free) {
        // Rejection would seldom hit: choose among the few that are left, by reservoir.
        let seen = 0;
        for (let id = 0; id < universe; id++) {
          if (stamp[id] === row) continue;
          if (seen < n) out[at + seen] = id;
          else {
            const place = stream.below(seen + 1);
            if (place < n) out[at + place] = id;
          }
          seen++;
        }
        for (let i = 0; i < n; i++) stamp[out[at + i]!] = row;
      } else {
        for (let i = 0; i < n; i++) {
          let id = stream.below(universe);
          while (stamp[id] === row) id = stream.below(universe);
          stamp[id] = row;
          out[at + i] = id;
        }
      }
      free -= n;
      return n;
    },
  };
}
