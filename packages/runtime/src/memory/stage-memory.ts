import type { ParamValue } from "@kdp/dsl";
import { type MemoryFacts, type SizeName, sizeOf } from "@kdp/plugin-api";
import { SNAPSHOT_LENGTH } from "../training/snapshots.js";

/** Sizes of the data of a node: those of training where there is a split. */
export interface DataSizes {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** A table of `float32` that a node reads, trains or writes, in numbers. */
const FLOAT = 4;
/** Item and score of a listed place. */
export const PLACE = 8;
/** User and item of a stored interaction; a rating takes 4 more, a time stamp 8. */
export const PAIR = 8;

/**
 * Resident memory of a worker that has loaded the runtime, Arrow and the plugins and computed nothing. Measured on Linux with
 * Node 20 to 24: 90 to 100 MB, half of which are pages of the program that all workers share.
 */
export const PROCESS_BYTES = 95e6;

/** Numbers that the optimiser keeps for each trained number. */
const MOMENTS: Readonly<Record<string, number>> = { adam: 2, lazy_adam: 2, adagrad: 1, sgd: 0 };
export const momentsOf = (optimizer: unknown): number => MOMENTS[String(optimizer)] ?? 2;

/** Bytes in the memory of the kernels that numbers under training take: value, gradient, moments. */
export const trainedBytes = (parameters: number, moments: number): number => FLOAT * parameters * (2 + moments);

type Sizes = Partial<Readonly<Record<SizeName, number>>>;
type Params = Readonly<Record<string, ParamValue>>;

/** Parameters and further bytes of a stage; null when it does not declare them, or they need a size that is not known. */
export function declaredMemory(
  memory: MemoryFacts | undefined,
  sizes: Sizes,
  params: Params,
): { readonly parameters: number; readonly bytes: number } | null {
  if (!memory) return null;
  const parameters = sizeOf(memory.parameters ?? [], sizes, params);
  const bytes = sizeOf(memory.bytes ?? [], sizes, params);
  return parameters === null || bytes === null ? null : { parameters, bytes };
}

/** An argument that counts something; 0 when it is left out. */
export const numberOf = (value: ParamValue | undefined): number => (typeof value === "number" ? value : 0);

/*
 * What follows counts, stage by stage, the arrays that are alive at the peak; each figure names them. Large files of
 * events are collected as soon as they were grouped (`tables/read-input.ts`); what was let go of else is small beside the rest.
 */

/** @param row bytes of a stored interaction */
export const splitBytes = (interactions: number, row: number): number =>
  // The file, the copy of the largest part, its row numbers, rows grouped by user, marks.
  interactions * (2 * row + 4 + 4 + 1);

/** Reading events and grouping them by user: the file, rows by item, the items by user, which alone stay. */
const groupingBytes = ({ interactions }: DataSizes, row: number): number => interactions * (row + 4 + 4);
const groupedBytes = ({ interactions }: DataSizes): number => 4 * interactions;

export interface Training {
  readonly sizes: DataSizes;
  /** Bytes of a stored interaction. */
  readonly row: number;
  /** The model's own numbers, and those of the losses' helpers. */
  readonly parameters: number;
  readonly helpers: number;
  /** What model and losses declare beside. */
  readonly declared: number;
  /** Bytes of the teachers' tables that its losses read. */
  readonly teachers: number;
  readonly params: Params;
  readonly validated: boolean;
}

export function trainingBytes(of: Training): number {
  const { sizes, row, parameters, helpers, declared, teachers, params, validated } = of;
  const { interactions, users, items } = sizes;
  const moments = momentsOf(params.optimizer);
  const negatives = Math.max(1, numberOf(params.negatives));
  const kept = Array.isArray(params.keep_best) ? params.keep_best.length : 0;
  const best = params.early_stop == null ? 0 : 1;
  const bytes =
    trainedBytes(parameters + helpers, moments) +
    groupedBytes(sizes) +
    // User of each positive, order of the epoch, drawn negatives.
    interactions * (4 + 4 + 4 * negatives) +
    // A checkpoint in the making, or the copy of the tables that is written; copies of the best epochs.
    FLOAT * (parameters + helpers) * (1 + moments) +
    FLOAT * parameters * (kept + best) +
    numberOf(params.snapshots) * users * Math.min(SNAPSHOT_LENGTH, items) * FLOAT +
    (validated ? heldOutBytes(sizes, numberOf(params.valid_candidates)) : 0) +
    declared +
    teachers;
  return Math.max(bytes, groupingBytes(sizes, row));
}

/** What an evaluation keeps between two models. @param candidates sampled for each user; 0 for all items */
function heldOutBytes(sizes: DataSizes, candidates: number): number {
  const { interactions, users } = sizes;
  return (
    groupedBytes(sizes) +
    // Items that are no candidates, and a copy of them: in the kernels, or with the held-out items for sampling.
    interactions * (4 + 4) +
    // Candidates, ranks and values of the users.
    users * (FLOAT * candidates + 40)
  );
}

/** @param row bytes of a stored interaction */
export const evaluationBytes = (sizes: DataSizes, row: number, candidates: number): number =>
  Math.max(heldOutBytes(sizes, candidates), groupingBytes(sizes, row));

/** A model's tables as stored and in the kernels, and the events that it learned from. */
export const openedBytes = (sizes: DataSizes, held: number): number => 2 * held + groupedBytes(sizes);

/** Lists of `length` places for each of `rows`: in the kernels, and as they are stored. */
export const listedBytes = (rows: number, length: number): number => 2 * PLACE * rows * length;
