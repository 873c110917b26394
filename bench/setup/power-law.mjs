// Interactions with the popularity of real catalogues, of any size, the same for a seed.

/** Largest share of the catalogue that one user takes. */
const DENSEST = 0.3;

/** Seeded uniform numbers in (0, 1): xorshift32. */
export function uniforms(seed) {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Rank of an item under a popularity that falls as rank^-0.8, by inversion. */
const rankOf = (u, items) => Math.min(items - 1, Math.floor(items * u ** 5));

/**
 * About `count` interactions, 50 a user and 100 an item on average (fewer items than that make users dense), grouped by user.
 * A user's activity varies tenfold.
 */
export function powerLaw(count, seed = 1) {
  const next = uniforms(seed);
  const users = Math.max(10, Math.round(count / 50));
  const items = Math.max(100, Math.round(count / 100));
  const most = Math.floor(items * DENSEST);
  const offsets = new Int32Array(users + 1);
  const lengths = new Float64Array(users);
  let total = 0;
  for (let user = 0; user < users; user++) total += lengths[user] = 10 ** next();
  for (let user = 0; user < users; user++) {
    const length = Math.max(1, Math.min(most, Math.round((count * lengths[user]) / total)));
    offsets[user + 1] = offsets[user] + length;
  }
  const itemIds = new Int32Array(offsets[users]);
  // When an item was last drawn, and for whom: distinct items without a set for each user.
  const owner = new Int32Array(items).fill(-1);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]; at < offsets[user + 1]; at++) {
      let item = rankOf(next(), items);
      while (owner[item] === user) item = (item + 1) % items;
      owner[item] = user;
      itemIds[at] = item;
    }
    itemIds.subarray(offsets[user], offsets[user + 1]).sort();
  }
  return { users, items, offsets, itemIds };
}

/** User of each interaction. */
export function ownersOf({ users, offsets, itemIds }) {
  const owners = new Int32Array(itemIds.length);
  for (let user = 0; user < users; user++) owners.fill(user, offsets[user], offsets[user + 1]);
  return owners;
}
