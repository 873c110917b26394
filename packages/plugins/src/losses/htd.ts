import { bool, defineLoss, float, int, type LossInstance, oneOf, type TensorIO } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { annealedTemperature } from "./shared/anneal.js";
import { assignGroups, groupTensor } from "./shared/assign-groups.js";
import {
  type ExpertGate,
  type ExpertShape,
  expertHidden,
  expertParameters,
  expertState,
  mixExperts,
  softGate,
} from "./shared/experts.js";
import { fusedExperts } from "./shared/fused-experts.js";
import { gateParams } from "./shared/gate-params.js";
import { gumbelSource } from "./shared/gumbel.js";
import { fusedTopology, topologyLoss } from "./shared/hierarchical-topology.js";
import { latentSides } from "./shared/latent-sides.js";
import {
  gatherTopologyRows,
  requireOneSpace,
  type TopologyEntities,
  teacherTables,
  topologyEntities,
} from "./shared/topology-rows.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "Topology Distillation (Kang et al., KDD 2021), published code";

/**
 * Hierarchical Topology Distillation (Kang et al., KDD 2021): entities are sorted into groups of similar taste; the student
 * reproduces the cosines inside each group, and those between entities and the groups' prototypes, so that a small student
 * need not spend its few dimensions on every pair.
 *
 * L_HTD = γ (L_ent + L_grp) + (1 - γ) L_GA with the topology terms of `shared/hierarchical-topology` and the group
 * assignment L_GA = Σ_e ‖ t_e - Σ_k z_ek f_k(s_e) ‖², the experts and Gumbel-softmax gate of DE. An entity's group is the
 * expert that its gate likes best; users and items have groups of their own (up to 2 · `groups`). Student rows `[n, dS]`,
 * teacher rows `[n, dT]`, over the distinct users and items of a step.
 */
export const htd = defineLoss({
  doc: "Hierarchical Topology Distillation (KDD 2021): the cosines inside groups of similar entities, and those between entities and groups.",
  needs: ["embeddings"],
  teachers: "one",
  studentNeeds: ["embeddings"],
  // The teacher's rows at length one.
  memory: {
    bytes: [
      ["users", "teacher_width", 4],
      ["items", "teacher_width", 4],
    ],
  },
  params: {
    weight: float({ default: 1e-3, min: 0, doc: "λ, factor of the loss, which is a sum over pairs.", source: SOURCE }),
    groups: int({ default: 30, min: 2, doc: "K, groups of users and groups of items.", source: SOURCE }),
    gamma: float({
      default: 0.5,
      min: 0,
      max: 1,
      doc: "γ, share of the topology terms; the rest is the group assignment.",
      source: SOURCE,
    }),
    group_term: oneOf(["entities", "prototypes"], {
      default: "entities",
      doc: "What prototypes are compared with: entities (Group(P, e), the paper's choice) or each other (Group(P, P)).",
      source: SOURCE,
    }),
    mask_own_group: bool({
      default: false,
      doc: "Leave a prototype's own members out of the group term, as the paper's formula does.",
      source: SOURCE,
    }),
    positive_only: bool({
      default: true,
      doc: "Only pairs with a positive teacher cosine, as the released code does; false keeps all, as the paper's formula does.",
      source: SOURCE,
    }),
    prototype_grad: bool({
      default: false,
      doc: "Let gradients flow through the student's prototypes; the released code does not.",
      source: SOURCE,
    }),
    ...gateParams(SOURCE),
  },

  create({ params, teachers, width, streams, kernels, epochs, note }): LossInstance {
    const sides = latentSides({ teachers, width, note });
    requireOneSpace(sides);
    const workspace = createWorkspace(kernels);
    const tables = teacherTables(kernels, sides, { raw: true });
    const { groups, gamma } = params;
    const shapes = sides.map(
      (side): ExpertShape => ({
        side: side.side,
        experts: groups,
        student: side.student,
        teacher: side.teacher,
        hidden: params.hidden ?? expertHidden(side.student, side.teacher),
      }),
    );
    let tau = params.temperature;
    const gumbelNumbers = gumbelSource(kernels, streams);
    let entities: TopologyEntities = { n: 0, parts: [], rows: {} };
    let noise = workspace.f32("noise", 0);

    const gateOf = <T>(state: Readonly<Record<string, T>>, place: number): ExpertGate<T> => {
      const { gate } = expertState(shapes[place]!.side, state);
      if (!gate) throw new Error("htd has at least two groups, so it has a gate");
      return gate;
    };

    /** L_GA of one side. */
    function assignment({ tf, student, teachers, state }: TensorIO, place: number): Scalar {
      const shape = shapes[place]!;
      const { ids, from } = entities.parts[place]!;
      const own = expertState(shape.side, state);
      const target = teachers[0]?.[shape.side] as Tensor2D;
      const gumbel = noise.slice(from * groups, (from + ids.length) * groups);
      const z = softGate(tf, target, tf.tensor2d(gumbel, [ids.length, groups]), tau, own);
      return tf.sum(
        tf.squaredDifference(target, mixExperts(tf, student[shape.side] as Tensor2D, z, own, shape)),
      ) as Scalar;
    }

    return {
      state: shapes.flatMap(expertParameters),

      startEpoch(epoch) {
        tau = annealedTemperature(params.temperature, params.temperature_end, params.anneal_epochs ?? epochs, epoch);
        gumbelNumbers.startEpoch(epoch);
      },

      request(batch) {
        entities = topologyEntities(sides, batch, workspace);
        noise = workspace.f32("noise", entities.n * groups);
        gumbelNumbers.fill(noise);
        return { rows: entities.rows };
      },

      loss(io): Scalar {
        const { tf, student, teachers, state } = io;
        // A side without rows in this step (none with a teacher row) adds nothing.
        const places = [...entities.parts.keys()].filter((place) => entities.parts[place]!.ids.length > 0);
        if (places.length === 0) return tf.scalar(0);
        const rowsOf = (place: number) => teachers[0]?.[shapes[place]!.side] as Tensor2D;
        // Groups of the two sides are disjoint: a side's one-hot rows stand in columns of its own.
        const oneHot = places.map((place) => {
          const own = groupTensor(tf, rowsOf(place), gateOf(state, place), groups);
          return tf.pad(own, [
            [0, 0],
            [place * groups, (entities.parts.length - 1 - place) * groups],
          ]) as Tensor2D;
        });
        const topology = topologyLoss(
          tf,
          tf.concat(places.map(rowsOf), 0),
          tf.concat(
            places.map((place) => student[shapes[place]!.side] as Tensor2D),
            0,
          ),
          tf.concat(oneHot, 0),
          params,
        );
        const assigned = places.reduce<Scalar>((sum, place) => tf.add(sum, assignment(io, place)), tf.scalar(0));
        return tf.add(tf.mul(topology, gamma), tf.mul(assigned, 1 - gamma));
      },

      fused: {
        cpu({ student, state, weight }) {
          const { n, parts } = entities;
          if (n === 0) return 0;
          const rows = gatherTopologyRows(kernels, workspace, tables, entities, student);
          const groupOf = workspace.i32("groupOf", n);
          let assigned = 0;
          parts.forEach(({ side, ids, from }, place) => {
            const count = ids.length;
            if (count === 0) return;
            const { teacher: dT, student: dS } = side;
            const own = expertState(side.side, state);
            const teacher = rows.teacher.subarray(from * dT, (from + count) * dT);
            assignGroups(kernels, workspace, {
              teacher,
              n: count,
              dT,
              gate: gateOf(state, place),
              groups,
              first: place * groups,
              out: groupOf.subarray(from, from + count),
            });
            if (gamma === 1) return;
            const experts = fusedExperts(kernels, workspace, shapes[place]!, own);
            const pass = {
              n: count,
              student: rows.student.subarray(from * dS, (from + count) * dS),
              teacher,
              noise: noise.subarray(from * groups, (from + count) * groups),
              tau,
            };
            const gap = workspace.f32(`${side.side}/gap`, count * dT);
            experts.forward(pass, gap);
            assigned += kernels.squaredGaps(gap, teacher, gap.length, weight * (1 - gamma));
            const dRows = workspace.f32(`${side.side}/dRows`, count * dS);
            experts.backward(pass, gap, dRows);
            student.addRowGrads(side.side, ids, count, dRows);
          });
          const topology = fusedTopology(
            kernels,
            workspace,
            { entities, rows, groupOf, groups: parts.length * groups, weight: gamma * weight, student },
            params,
          );
          return gamma * topology + (1 - gamma) * assigned;
        },
      },
    };
  },
});
