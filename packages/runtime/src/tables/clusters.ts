import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import { int32Column, int32Data, tableOf } from "./columns.js";

/** Table of the cluster of each user. */
export const CLUSTERS_TABLE = "clusters";

export const CLUSTER_FIELDS: readonly FieldSpec[] = [{ name: "cluster", type: "Int32" }];

export const clustersToTable = (assignment: Int32Array): Table => tableOf({ cluster: int32Data(assignment) });

export const clustersFromTable = (table: Table): Int32Array => int32Column(table, "cluster");
