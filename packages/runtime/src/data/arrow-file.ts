import { open, readFile, stat } from "node:fs/promises";
import { type RecordBatch, RecordBatchReader, type Schema } from "apache-arrow";
import { dataFault } from "./data-fault.js";

/** Node reads at most 2 GiB into one buffer; longer files are read batch by batch. */
const ONE_BUFFER_BYTES = 2 ** 31 - 1;
const FILE_END = "ARROW1";

export interface ArrowFile {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
}

/**
 * Reads an Arrow IPC file or stream.
 * @throws RuntimeFault KDP7009 when it is truncated or corrupt, KDP7010 when its buffers are compressed.
 */
export async function readArrowFile(path: string, format: "arrow-file" | "arrow-stream"): Promise<ArrowFile> {
  await checkEnd(path, format);
  try {
    return await readBatches(path);
  } catch (cause) {
    if (/codec|compress/i.test((cause as Error).message)) {
      throw dataFault("KDP7010", "the Arrow buffers are compressed, which is not read", {
        place: path,
        fix: "write the file without compression (pyarrow: `IpcWriteOptions(compression=None)`; feather: `compression='uncompressed'`) or as Parquet",
        cause,
      });
    }
    throw corrupt(path, (cause as Error).message, cause);
  }
}

async function readBatches(path: string): Promise<ArrowFile> {
  const { size } = await stat(path);
  if (size <= ONE_BUFFER_BYTES) {
    const reader = RecordBatchReader.from(await readFile(path)).open();
    // Read before the batches: a reader that is done has forgotten it.
    const { schema } = reader;
    return { schema, batches: [...reader] };
  }
  const handle = await open(path, "r");
  try {
    const reader = await (await RecordBatchReader.from(handle)).open();
    const { schema } = reader;
    const batches: RecordBatch[] = [];
    for await (const batch of reader) batches.push(batch);
    return { schema, batches };
  } finally {
    await handle.close();
  }
}

/** A stream cut between two batches would otherwise read as a shorter table. */
async function checkEnd(path: string, format: "arrow-file" | "arrow-stream"): Promise<void> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const length = Math.min(8, size);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const complete =
      format === "arrow-file"
        ? buffer.toString("latin1").endsWith(FILE_END)
        : buffer.length >= 4 && buffer.readUInt32LE(length - 4) === 0;
    if (!complete) throw corrupt(path, "its end is missing");
  } finally {
    await handle.close();
  }
}

const corrupt = (path: string, reason: string, cause?: unknown) =>
  dataFault("KDP7009", `the Arrow file cannot be read: ${reason}`, {
    place: path,
    fix: "write or copy the file again; it may be truncated",
    ...(cause === undefined ? {} : { cause }),
  });
