import { readFileSync } from "node:fs";
import { join } from "node:path";

type Matrix = readonly (readonly number[])[];

export interface GoldenTopology {
  readonly loss: number;
  readonly dUserS: Matrix;
  readonly dItemS: Matrix;
}

/** What `golden-losses.json` holds of interest to these tests. */
export interface Golden {
  readonly rrd: {
    readonly S1: Matrix;
    readonly S2: Matrix;
    readonly loss: number;
    readonly dS1: Matrix;
    readonly dS2: Matrix;
  };
  readonly ftd: GoldenTopology & {
    readonly userT: Matrix;
    readonly itemT: Matrix;
    readonly userS: Matrix;
    readonly itemS: Matrix;
  };
  readonly htd_td_first: GoldenTopology;
  readonly htd_td_second: GoldenTopology;
  readonly ga_de: {
    readonly T: number;
    readonly expertParams: readonly (readonly [Matrix, readonly number[], Matrix, readonly number[]])[];
    readonly selW: Matrix;
    readonly loss: number;
    readonly dUserS: Matrix;
    readonly dSelW: Matrix;
  };
  readonly hetcomp_inputs: { readonly user: Matrix; readonly pos: Matrix; readonly top: Matrix };
  readonly hetcomp_overall: { readonly loss: number; readonly dUser: Matrix; readonly dItem0: readonly number[] };
  readonly hetcomp_rank: { readonly loss: number; readonly dUser: Matrix; readonly dItem0: readonly number[] };
  readonly hetcomp_ndcg_k5: {
    readonly studentTop: readonly number[];
    readonly teacherTop: readonly number[];
    readonly ndcg: number;
  };
  readonly concf_importance: { readonly rank: Matrix; readonly std: Matrix; readonly imp: Matrix };
  readonly anneal: readonly { readonly epoch: number; readonly max: number; readonly T: number }[];
  readonly rd: Readonly<Record<"static" | "predRank" | "dynamic" | "hybrid", readonly number[]>>;
}

const file = join(import.meta.dirname, "fixtures/golden-losses.json");

/**
 * Values and gradients that the papers' own functions gave on tiny tensors: sums, without weights. `rrd` was computed in double
 * precision, everything else in single: values agree to a relative 2e-6, gradients to 2e-5 or a relative 1e-5.
 */
export const golden: Golden = JSON.parse(readFileSync(file, "utf8"));
