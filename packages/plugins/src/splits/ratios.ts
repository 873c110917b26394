import { float, InputError } from "@kdp/plugin-api";

const source = "HetComp, ConCF";

/** Shares of the three parts, as arguments of a split. */
export const ratioParams = {
  train: float({ default: 0.6, min: 0, exclusiveMin: true, max: 1, doc: "Share of training interactions.", source }),
  valid: float({ default: 0.2, min: 0, max: 1, doc: "Share of validation interactions, rounded down.", source }),
  test: float({ default: 0.2, min: 0, max: 1, doc: "Share of test interactions, rounded down.", source }),
} as const;

export interface Ratios {
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

export interface Sizes {
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/**
 * Sizes of the parts of `n` interactions: valid and test are rounded down; train is the rest when the shares add up to 1,
 * else it is rounded down too and what remains is left out.
 */
export function sizesOf(n: number, { train, valid, test }: Ratios): Sizes {
  const held = { valid: Math.floor(valid * n), test: Math.floor(test * n) };
  const all = isWhole(train + valid + test);
  return { ...held, train: all ? n - held.valid - held.test : Math.floor(train * n) };
}

const isWhole = (sum: number): boolean => Math.abs(sum - 1) < 1e-9;

/** @throws InputError KDP7107 when the shares add up to more than one. */
export function checkRatios({ train, valid, test }: Ratios): void {
  const sum = train + valid + test;
  if (sum <= 1 + 1e-9) return;
  throw new InputError(
    "KDP7107",
    `train, valid and test add up to ${Number(sum.toPrecision(12))}, more than all interactions`,
    {
      fix: "choose shares that add up to 1",
    },
  );
}
