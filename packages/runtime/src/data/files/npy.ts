import { readFile } from "node:fs/promises";
import type { FileTables } from "@kdp/plugin-api";
import { dataFault } from "../data-fault.js";
import { halfToNumber } from "./float16.js";

/** Name under which the only matrix of an `.npy` file is found. */
const NPY_MATRIX = "array";

type Reader = (view: DataView, at: number) => number;

const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  "<f4": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "<f8": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "<f2": { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  "<i4": { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "<i8": { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
};

/**
 * Reads an array of one or two dimensions as NumPy writes it (format versions 1 to 3, either order).
 * @throws RuntimeFault KDP7009 truncated, KDP7010 another type or shape
 */
export async function readNpy(path: string): Promise<FileTables> {
  const bytes = await readFile(path);
  const version = bytes[6] ?? 0;
  const [lengthAt, lengthBytes] = [8, version >= 2 ? 4 : 2];
  if (bytes.length < lengthAt + lengthBytes) throw truncated(path);
  const headerLength = lengthBytes === 2 ? bytes.readUInt16LE(lengthAt) : bytes.readUInt32LE(lengthAt);
  const start = lengthAt + lengthBytes + headerLength;
  const header = bytes.toString("latin1", lengthAt + lengthBytes, start);
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? "of several fields";
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number) ?? [];
  const columnsFirst = /'fortran_order':\s*True/.test(header);
  const reader = READERS[type];
  if (!reader || shape.length < 1 || shape.length > 2) {
    throw dataFault("KDP7010", `the array is of type ${type} and shape (${shape.join(", ")})`, {
      place: path,
      fix: "save a matrix of float32: `numpy.save(path, x.astype('<f4'))`",
    });
  }
  const [rows = 0, cols = 1] = shape;
  if (bytes.length < start + rows * cols * reader.bytes) throw truncated(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const values = new Float32Array(rows * cols);
  for (let at = 0; at < values.length; at++) {
    const to = columnsFirst ? (at % rows) * cols + Math.floor(at / rows) : at;
    values[to] = reader.read(view, at * reader.bytes);
  }
  return { columns: {}, matrices: { [NPY_MATRIX]: { rows, cols, values } } };
}

const truncated = (path: string) =>
  dataFault("KDP7009", "the array ends before it should", { place: path, fix: "write or copy the file again" });
