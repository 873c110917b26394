import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Matrix = readonly (readonly number[])[];

export interface GoldenTopology {
  readonly loss: number;
  readonly dUserS: Matrix;
  readonly dItemS: Matrix;
}

/** What `losses.json` holds of interest to these tests. */
export interface Golden {
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

const file = join(import.meta.dirname, "../../../../shared/golden/losses.json");

/** Numbers that the papers' own functions gave on tiny tensors; null where they do not lie beside the project. */
export const golden: Golden | null = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Golden) : null;

/** Reason to print where a test is skipped for want of them. */
export const NO_GOLDEN = "(skipped: ../shared/golden/losses.json is not there)";
