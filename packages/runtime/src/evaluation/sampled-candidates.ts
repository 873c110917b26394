import type { Interactions } from "@kdp/plugin-api";
import type { PhiloxStream } from "../random/philox-stream.js";
import { openStream } from "../random/streams.js";

/** Which of the two held-out parts candidates are drawn for. */
export type HeldOutPart = "valid" | "test";

export interface CandidateLists {
  /** `[users, count]`, -1 past the end of a short list. */
  readonly items: Int32Array;
  readonly count: number;
  /** Users with fewer unobserved items than asked for. */
  readonly shortUsers: number;
}

/**
 * Draws candidates for sampled evaluation, without replacement from the items that a user has no interaction with in any part.
 *
 * Each user has a lane of the stream named by the seed and a random order of the unobserved items in it: valid takes the
 * even places, test the odd ones. So the two never share an item while there are enough of them, whatever their counts,
 * and neither depends on the other users.
 * @param observed items of each user in train, valid and test
 */
export function sampleCandidates(
  userIds: Int32Array,
  observed: Interactions,
  { count, seed, part }: { readonly count: number; readonly seed: number; readonly part: HeldOutPart },
): CandidateLists {
  const stream = openStream({ seed, family: "evaluate", purpose: "candidates", epoch: 0 });
  const order = new UnobservedOrder(observed.items);
  const items = new Int32Array(userIds.length * count).fill(-1);
  let shortUsers = 0;
  userIds.forEach((user, row) => {
    const seen = observed.itemIds.subarray(observed.offsets[user] as number, observed.offsets[user + 1] as number);
    stream.toLane(user);
    const drawn = order.draw(stream, seen, 2 * count);
    const own = part === "valid" ? 0 : 1;
    const out = items.subarray(row * count, (row + 1) * count);
    let filled = 0;
    for (let at = own; at < drawn.length && filled < count; at += 2) out[filled++] = drawn[at] as number;
    // Not enough for both parts: what is missing comes from the end of the other part's places.
    const last = drawn.length - 1;
    for (let at = last - ((last & 1) === own ? 1 : 0); at >= 0 && filled < count; at -= 2) {
      out[filled++] = drawn[at] as number;
    }
    if (filled < count) shortUsers++;
  });
  return { items, count, shortUsers };
}

/** Random orders of the items that are not in a sorted list: a Fisher–Yates shuffle that stops early. */
class UnobservedOrder {
  /** Identity between two draws. */
  readonly #places: Int32Array;

  constructor(items: number) {
    this.#places = Int32Array.from({ length: items }, (_, place) => place);
  }

  draw(stream: PhiloxStream, seen: Int32Array, wanted: number): Int32Array {
    const places = this.#places;
    const unobserved = places.length - seen.length;
    const drawn = new Int32Array(Math.min(wanted, unobserved));
    const others = new Int32Array(drawn.length);
    for (let at = 0; at < drawn.length; at++) {
      const other = at + stream.below(unobserved - at);
      const place = places[other] as number;
      places[other] = places[at] as number;
      places[at] = place;
      others[at] = other;
      drawn[at] = nthUnobserved(seen, place);
    }
    for (let at = 0; at < drawn.length; at++) {
      places[at] = at;
      places[others[at] as number] = others[at] as number;
    }
    return drawn;
  }
}

/** The `n`-th item, from 0, that is not in the ascending list. */
function nthUnobserved(seen: Int32Array, n: number): number {
  // seen[c] - c items before seen[c] are unobserved: find the first c for which they are more than n.
  let low = 0;
  let high = seen.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seen[middle] as number) - middle > n) high = middle;
    else low = middle + 1;
  }
  return n + low;
}
