import type { PlanGate } from "@kdp/dsl";
import { inject, injectable } from "tsyringe";
import { canonicalJson } from "../keys/canonical-json.js";
import { sha256 } from "../keys/sha256.js";
import type { ManifestSignificance, RunManifest } from "../run/manifest.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { PER_USER_TABLE } from "../tables/metric-names.js";
import type { PerUserMetrics } from "../tables/metrics.js";
import { TOKENS } from "../tokens.js";
import { batches, keysOf } from "./batches.js";
import { claimsOf } from "./claims.js";
import { BOOTSTRAP, type Comparison, compare } from "./compare.js";
import type { ComparisonMemory } from "./comparison-memory.js";
import { findPairs, type SeriesPair } from "./find-pairs.js";
import { holm } from "./holm.js";
import { columnsByUser, seedDifferences } from "./seed-differences.js";

/** Raise it when equal values begin to give other numbers. */
const SCHEME = 2;

/** What of a run is compared. */
export type ComparedRun = Pick<RunManifest, "pipeline" | "nodes" | "axes" | "metrics">;

/**
 * Tests whether distilled students differ from their plain ones, and models that gates compare from each other, by more than their
 * users and seeds vary.
 */
export interface Significance {
  of(run: ComparedRun, gates: readonly PlanGate[]): Promise<readonly ManifestSignificance[]>;
}

/**
 * Reads the per-user tables of evaluations and tests them. Comparisons are remembered by the keys of what they compare: a run in
 * which nothing changed opens no table.
 */
@injectable()
export class SignificanceTests implements Significance {
  readonly #store: ArtefactStore;
  readonly #memory: ComparisonMemory;

  constructor(@inject(TOKENS.store) store: ArtefactStore, @inject(TOKENS.comparisonMemory) memory: ComparisonMemory) {
    this.#store = store;
    this.#memory = memory;
  }

  async of(run: ComparedRun, gates: readonly PlanGate[]): Promise<readonly ManifestSignificance[]> {
    const pairs = findPairs(run, claimsOf(gates));
    if (pairs.length === 0) return [];
    const known = this.#memory.read(run.pipeline);
    const keys = pairs.map(comparisonKey);
    const missing = [...keys.keys()].filter((i) => !known.has(keys[i] as string));
    if (missing.length > 0) {
      const found = await this.#compare(missing.map((i) => pairs[i] as SeriesPair));
      missing.forEach((i, k) => {
        known.set(keys[i] as string, found[k] ?? null);
      });
      this.#memory.write(run.pipeline, new Map(keys.map((key) => [key, known.get(key) ?? null])));
    }
    return adjusted(pairs.map((pair, i) => ({ pair, comparison: known.get(keys[i] as string) ?? null })));
  }

  /** In parts, so that many students of many users do not fill the memory. */
  async #compare(pairs: readonly SeriesPair[]): Promise<(Comparison | null)[]> {
    const sizes = new Map<string, number>();
    for (const key of new Set(pairs.flatMap(keysOf))) {
      const found = await this.#store.lookup(key);
      const tables = found.status === "hit" ? found.meta.tables : [];
      sizes.set(key, tables.find(({ name }) => name === PER_USER_TABLE)?.bytes ?? 0);
    }
    const compared: (Comparison | null)[] = [];
    for (const batch of batches(pairs, sizes)) compared.push(...(await this.#compareBatch(batch)));
    return compared;
  }

  /** Null for a metric that has no value of single users, or none of users that both models have. */
  async #compareBatch(pairs: readonly SeriesPair[]): Promise<(Comparison | null)[]> {
    // Loaded here, as a run that is fully cached needs no Arrow.
    const { perUserFromTable } = await import("../tables/metrics.js");
    const tables = new Map<string, PerUserMetrics>();
    for (const key of new Set(pairs.flatMap(keysOf))) {
      tables.set(key, perUserFromTable((await this.#store.open(key)).table(PER_USER_TABLE)));
    }
    const columnOf = columnsByUser(tables);
    const differences = pairs.map((pair) => seedDifferences(pair, columnOf));
    const present = differences.filter((found) => found !== null);
    const compared = compare(present);
    return differences.map((found) => (found === null ? null : (compared[present.indexOf(found)] ?? null)));
  }
}

/** All that decides a comparison: what was measured of whom, and how it is tested. */
function comparisonKey({ metric, cutoff, evaluations }: SeriesPair): string {
  const keys = evaluations.map(({ taught, plain }) => [taught.key, plain.key]);
  return sha256(canonicalJson({ scheme: SCHEME, ...BOOTSTRAP, metric, cutoff, keys }));
}

/** Holm's adjustment over the methods of each table, one metric under one protocol; claims of gates are a family of their own. */
function adjusted(
  compared: readonly { readonly pair: SeriesPair; readonly comparison: Comparison | null }[],
): ManifestSignificance[] {
  const rows = compared.flatMap(({ pair, comparison }) => (comparison ? [{ pair, comparison }] : []));
  const family = ({ pair: { split, candidates, metric, cutoff, gate } }: (typeof rows)[number]): string =>
    JSON.stringify([split, candidates, metric, cutoff, gate !== undefined]);
  const families = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) families.set(family(row), [...(families.get(family(row)) ?? []), row]);
  return rows.map((row): ManifestSignificance => {
    const methods = families.get(family(row)) ?? [];
    const place = methods.indexOf(row);
    const holmOf = (test: "t" | "wilcoxon"): number | null => {
      const p = holm(methods.map(({ comparison }) => comparison[test]?.p ?? Number.NaN))[place];
      return p === undefined || Number.isNaN(p) ? null : p;
    };
    const { evaluations, ...told } = row.pair;
    const { t, wilcoxon, ...rest } = row.comparison;
    return {
      ...told,
      evaluations: evaluations.map(({ taught }) => taught.id),
      baselineEvaluations: evaluations.map(({ plain }) => plain.id),
      ...rest,
      draws: BOOTSTRAP.draws,
      level: BOOTSTRAP.level,
      methods: methods.length,
      t: t && { ...t, holm: holmOf("t") },
      wilcoxon: wilcoxon && { ...wilcoxon, holm: holmOf("wilcoxon") },
    };
  });
}
