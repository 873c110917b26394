import { float, int } from "@kdp/plugin-api";

/** Arguments of experts behind an annealed gate, shared by `de` and `htd`. */
export const gateParams = <const S extends string>(source: S) =>
  ({
    hidden: int({
      default: null,
      min: 1,
      doc: "Width of an expert's hidden layer; default (dS + dT) / 2, or dS / 2 where the widths are equal.",
      source,
    }),
    temperature: float({ default: 1, min: 0, exclusiveMin: true, doc: "τ of the gate at the start.", source }),
    temperature_end: float({
      default: 1e-10,
      min: 0,
      exclusiveMin: true,
      doc: "τ of the gate after `anneal_epochs`.",
      source,
    }),
    anneal_epochs: int({
      default: null,
      min: 1,
      doc: "Epochs over which τ falls; default the student's `epochs`.",
      source,
    }),
  }) as const;
