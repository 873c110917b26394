import type { ParamSchema, StageKind, StageManifest } from "@kdp/plugin-api";

/**
 * An argument as the compiler sees it. Core stages may take what a plugin's schema cannot say:
 * a column by name *or* index, one format *or* a list of them.
 */
export type ArgumentSchema = ParamSchema & {
  /** A second scalar type that is taken as it is. */
  readonly or?: "int";
  /** A single element stands for a list of one. */
  readonly orOne?: true;
};

export type ArgumentSchemas = Readonly<Record<string, ArgumentSchema>>;

/** The primary input: what stands before `->`. */
export interface InputSignature {
  readonly port: string;
  readonly takes: "Dataset" | "Events" | "Teacher" | "Model";
  /** Models learn from a lesson too. */
  readonly lesson: boolean;
  readonly list: "one" | "many" | "either";
}

/** A secondary input: an edge that is written as a named argument. */
export interface PortSignature {
  readonly takes: "Events" | "Teacher" | "Model" | "Measure" | "Axes";
  readonly required: boolean;
  readonly doc: string;
}

/** Arguments that may be written without a name: a parameter, a port, or (`distill`) any number of losses. */
export interface PositionalSignature {
  readonly name: string;
  readonly takes: "param" | "port" | "losses";
}

/** `model(family, …)` and `ensemble(method: …)` stand for the stage that their argument names. */
export interface DispatchSignature {
  readonly kind: "model" | "ensemble";
  readonly argument: string;
  readonly default: string | null;
}

export interface Signature {
  /** Canonical name of the stage: what enters the plan. */
  readonly stage: string;
  readonly plugin: string;
  readonly kind: StageKind | "core";
  /** Null for core stages. */
  readonly facts: StageManifest | null;
  readonly doc: string;
  readonly params: ArgumentSchemas;
  readonly input: InputSignature | null;
  readonly ports: Readonly<Record<string, PortSignature>>;
  readonly positional: PositionalSignature | null;
  readonly dispatch: DispatchSignature | null;
  /** Set on aliases of a manifest (`listwise`): defaults of its own. */
  readonly preset: {
    readonly alias: string;
    readonly values: Readonly<Record<string, string | number | boolean>>;
  } | null;
}

const EVENTS: InputSignature = { port: "events", takes: "Events", lesson: false, list: "one" };

const VALID: Readonly<Record<string, PortSignature>> = {
  valid: { takes: "Events", required: false, doc: "Held-out events that the training is watched on." },
};

/** What the compiler knows about a stage of a plugin, from its manifest. */
export function signatureOf(plugin: string, stage: string, facts: StageManifest): Signature {
  const base = {
    stage,
    plugin,
    kind: facts.kind,
    facts,
    doc: facts.doc,
    params: facts.params,
    input: null,
    ports: {},
    positional: null,
    dispatch: null,
    preset: null,
  } as const;
  switch (facts.kind) {
    case "model":
      return { ...base, input: { ...EVENTS, lesson: facts.student }, ports: facts.trained ? VALID : {} };
    case "teacher":
      return {
        ...base,
        input: EVENTS,
        positional: facts.positional === undefined ? null : { name: facts.positional, takes: "param" },
      };
    case "ensemble":
      return { ...base, input: { port: "teachers", takes: "Teacher", lesson: false, list: "many" } };
    case "split":
      return {
        ...base,
        input: facts.source ? null : { port: "dataset", takes: "Dataset", lesson: false, list: "one" },
      };
    default:
      return base;
  }
}
