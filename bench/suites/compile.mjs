// Parse alone, and the whole of parse, names, types, checks and plan, on generated pipelines of 10, 1,000 and 50,000 lines.
import { compile, parse } from "@kdp/dsl";
import { measure, resultOf } from "../harness.mjs";
import { isWanted } from "../setup/methods.mjs";
import { library } from "../setup/training.mjs";

const LINES = [10, 1_000, 50_000];
/** Lines of the head and the end of a generated file. */
const FRAME = 6;

/** A pipeline of so many lines: one split, then a plain student, a distilled one and their measurement, again and again. */
export function generated(lines) {
  const body = [];
  for (let i = 0; body.length < lines - FRAME; i++) {
    const group = [
      `  let plain${i} = split.train -> bprmf(dim: ${4 + (i % 28)}, seed: ${i})`,
      `  let kd${i} = teacher -> distill(rrd(weight: 1e-3), on: split.train) -> bprmf(dim: ${4 + (i % 28)}, seed: ${i})`,
      `  let m${i} = [plain: plain${i}, kd: kd${i}] -> each evaluate(on: split.test, metrics: [recall@50, ndcg@10])`,
      `  expect m${i}.kd.recall@50 > m${i}.plain.recall@50`,
    ];
    body.push(...group.slice(0, lines - FRAME - body.length));
  }
  return [
    "kdp 1",
    "pipeline generated {",
    '  let split = given_split(train: "train.tsv", valid: "valid.tsv", test: "test.tsv")',
    "  let teacher = split.train -> bprmf(dim: 200, seed: 1000000)",
    ...body,
    "}",
    "",
  ].join("\n");
}

export async function* run({ only, quick, runs }) {
  const manifests = library();
  for (const lines of LINES.filter((count) => !quick || count < 50_000)) {
    const file = "generated.kdp";
    const text = generated(lines);
    const { plan, diagnostics } = compile({ file, text }, { library: manifests, maxCells: 1_000_000 });
    if (plan === null) throw new Error(`the generated pipeline does not compile: ${diagnostics[0]?.message}`);
    const repeat = Math.max(1, Math.round(2_000 / lines));
    const many = (work) => () => {
      for (let i = 0; i < repeat; i++) work();
    };
    const settings = { runs: runs ?? (lines > 10_000 ? 3 : 7), repeat };
    const config = { lines, bytes: Buffer.byteLength(text), nodes: plan.nodes.length };
    if (isWanted(only, "parse")) {
      const taken = await measure(
        many(() => parse(text, file)),
        settings,
      );
      yield resultOf({ suite: "compile", name: "parse", config, taken });
    }
    if (isWanted(only, "compile")) {
      const taken = await measure(
        many(() => compile({ file, text }, { library: manifests })),
        settings,
      );
      yield resultOf({ suite: "compile", name: "compile", config, taken });
    }
  }
}
