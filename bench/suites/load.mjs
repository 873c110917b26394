// Reading a file of interactions to user, item and time columns with vocabularies: TSV, Arrow IPC, Parquet.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { newIdSink, readInteractionFile } from "@kdp/runtime/training";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { measure, resultOf } from "../harness.mjs";
import { isWanted } from "../setup/methods.mjs";
import { ownersOf, powerLaw } from "../setup/power-law.mjs";

const DETECT = { columns: { user: null, item: null, rating: null, timestamp: null }, header: null, delimiter: null };

export async function* run({ quick, only, runs, max }) {
  const folder = mkdtempSync(join(tmpdir(), "kdp-bench-"));
  try {
    const rows = Math.min(max, quick ? 200_000 : 1_000_000);
    for (const [name, path] of Object.entries(await writeFiles(folder, rows))) {
      if (!isWanted(only, name)) continue;
      const read = async () => (await readInteractionFile(path, newIdSink(), DETECT)).rows.length;
      const found = await read();
      const taken = await measure(read, { runs: runs ?? (quick ? 3 : 5) });
      const config = { rows: found, bytes: statSync(path).size };
      const result = resultOf({ suite: "load", name, config, taken });
      yield { ...result, config: { ...config, rowsPerCpuSecond: found / result.cpuSeconds } };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeFiles(folder, count) {
  const interactions = powerLaw(count);
  const users = ownersOf(interactions);
  const { itemIds } = interactions;
  const files = Object.fromEntries(
    ["tsv", "arrow", "parquet"].map((format) => [format, join(folder, `interactions.${format}`)]),
  );
  const lines = ["user\titem\ttimestamp"];
  for (let i = 0; i < itemIds.length; i++) lines.push(`${users[i]}\t${itemIds[i]}\t${1_500_000_000 + i}`);
  writeFileSync(files.tsv, `${lines.join("\n")}\n`);
  const timestamp = BigInt64Array.from(itemIds, (_, i) => 1_500_000_000n + BigInt(i));
  writeFileSync(files.arrow, tableToIPC(tableFromArrays({ user: users, item: itemIds, timestamp }), "file"));
  const duckdb = await DuckDBInstance.create(":memory:");
  const connection = await duckdb.connect();
  const quoted = (path) => `'${path.replaceAll("'", "''")}'`;
  await connection.run(
    `COPY (SELECT * FROM read_csv(${quoted(files.tsv)}, delim = '\\t', header = true)) TO ${quoted(files.parquet)} (FORMAT parquet)`,
  );
  connection.closeSync();
  duckdb.closeSync();
  return files;
}
