import { readFile } from "node:fs/promises";
import type { FileTables } from "@kdp/plugin-api";
import { dataFault } from "../data-fault.js";
import { halfToNumber } from "./float16.js";

const HEADER_AT = 8;

type Reader = (view: DataView, at: number) => number;

const scratch = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0] as number;

const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  // bfloat16 is the upper half of a float32.
  BF16: { bytes: 2, read: (view, at) => scratch(view.getUint16(at, true) << 16) },
};

interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Reads the matrices of a safetensors file by name; tensors of other ranks are passed over.
 * @throws RuntimeFault KDP7009 truncated or corrupt, KDP7010 a matrix of a type that holds no fractions
 */
export async function readSafetensors(path: string): Promise<FileTables> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const body = HEADER_AT + length;
  if (body > bytes.length) throw corrupt(path, "its header is cut off");
  const matrices: Record<string, FileTables["matrices"][string]> = {};
  for (const [name, info] of Object.entries(parseHeader(path, bytes.toString("utf8", HEADER_AT, body)))) {
    if (name === "__metadata__" || info.shape.length !== 2) continue;
    const reader = READERS[info.dtype];
    if (!reader) {
      throw dataFault("KDP7010", `the tensor "${name}" is of type ${info.dtype}`, {
        place: path,
        fix: "save it as F32, F64, F16 or BF16",
      });
    }
    const [rows = 0, cols = 0] = info.shape;
    const [from, to] = info.data_offsets;
    if (to - from !== rows * cols * reader.bytes || body + to > bytes.length) {
      throw corrupt(path, `the tensor "${name}" is cut off`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + body + from, to - from);
    const values = Float32Array.from({ length: rows * cols }, (_, at) => reader.read(view, at * reader.bytes));
    matrices[name] = { rows, cols, values };
  }
  return { columns: {}, matrices };
}

function parseHeader(path: string, text: string): Record<string, TensorInfo> {
  try {
    return JSON.parse(text) as Record<string, TensorInfo>;
  } catch (cause) {
    throw corrupt(path, "its header is no JSON", cause);
  }
}

const corrupt = (path: string, reason: string, cause?: unknown) =>
  dataFault("KDP7009", `the safetensors file cannot be read: ${reason}`, {
    place: path,
    fix: "write or copy the file again",
    ...(cause === undefined ? {} : { cause }),
  });
