// The methods that are measured, as a pipeline writes them.

/** Losses with τ annealed over the E = 100 epochs of the papers, whatever the bench trains. */
export const LESSONS = {
  bprmf: null,
  rrd: "rrd()",
  ftd: "ftd()",
  de: "de(anneal_epochs: 100)",
  htd: "htd(anneal_epochs: 100)",
};

/** What suite `epoch` trains beside them, twice: the design's other targets. Teachers are counted. */
export const HEAVY = {
  hetcomp: { lesson: "hetcomp()", model: "bprmf(dim: 6, batch: 1024)", teachers: 6 },
  phr: { lesson: "phr(entities: 64)", model: "bprmf(dim: 20, batch: 1024)", teachers: 1 },
  lightgcn: { lesson: null, model: "lightgcn(dim: 64, layers: 3, batch: 1024)", teachers: 0 },
  multi_vae: { lesson: null, model: "multi_vae()", teachers: 0 },
  item_ae: { lesson: null, model: "item_ae()", teachers: 0 },
};

/** Methods whose cost changes with the epoch. */
export const ANNEALED = new Set(["de", "htd"]);
export const METHODS = Object.keys(LESSONS);

/** Epochs, counted from 0, whose mean stands for an annealed run of 100. */
export const SAMPLED_EPOCHS = [1, 11, 21, 31, 41, 51, 61, 71, 81, 91];

export const isWanted = (only, name) => only === null || only.has(name);
