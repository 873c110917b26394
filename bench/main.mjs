// npm run bench -- SUITE [--json FILE] [--quick] [--only a,b] [--data DIR] [--max N] [--runs N] [--no-build]
//
// Suites: step, epoch, threads, eval, load, compile, scale, overhead. `docs/performance.md` says what each of them measures.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, install, requireNode, root } from "../scripts/lib.mjs";
import { commitOf, machineName } from "./harness.mjs";
import { showNote, showRows, showSides } from "./table.mjs";

const SUITES = ["step", "epoch", "threads", "eval", "load", "compile", "scale", "overhead"];
const USAGE = `usage: npm run bench -- ${SUITES.join("|")} [options]

  --json FILE   write the results as JSON
  --quick       fewer runs, and samples of what takes long
  --only LIST   only results of these names, for example bprmf,rrd
  --data DIR    folder of citeulike-t-td-loo.{train,valid,test}.tsv.gz (default: data, then ../shared/data)
  --max N       scale: most interactions (default 1000000; 20000000 needs some GiB of memory)
  --runs N      measured runs of each result
  --threads N   threads: compared with one (default 2, if there are as many cores); every other suite keeps to one
  --no-build    measure what was built last

KDP_PEERS_PYTHON names a Python with torch and numpy: epoch and eval then run bench/peers beside each of their rows.
`;

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "string" },
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        data: { type: "string" },
        max: { type: "string", default: "1000000" },
        runs: { type: "string" },
        threads: { type: "string" },
        "no-build": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return { values, suite: positionals[0], rest: positionals.slice(1) };
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}

const count = (text, name) => {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : fail(`--${name} takes a whole number above 0, not "${text}"`);
};

const { values, suite, rest } = readArguments();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (!SUITES.includes(suite) || rest.length > 0) fail(USAGE);
const options = {
  root,
  quick: values.quick,
  only: values.only ? new Set(values.only.split(",")) : null,
  data: values.data ? resolve(values.data) : null,
  max: count(values.max, "max"),
  runs: values.runs ? count(values.runs, "runs") : null,
  threads: values.threads ? count(values.threads, "threads") : null,
  note: showNote,
};

requireNode();
if (!values["no-build"]) {
  install();
  build();
}
const report = { machine: machineName(), commit: commitOf(root), results: [] };
showNote(`${report.machine}\ncommit ${report.commit}`);
const { run } = await import(`./suites/${suite}.mjs`);
try {
  for await (const result of run(options)) {
    report.results.push(result);
    showRows([result], report.results.length === 1);
  }
} catch (error) {
  if (error?.code === "BENCH_USER") fail(error.message);
  throw error;
}
showSides(report.results);
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
