import { AsyncByteQueue, RecordBatchFileWriter, type Table } from "apache-arrow";

/** Where a writer's output goes: kept in pieces as it comes, views of the table's own columns among them. */
class Pieces extends AsyncByteQueue {
  readonly all: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    if (piece.byteLength > 0) this.all.push(piece);
  }
}

/**
 * The Arrow IPC file of a table, in pieces that make the file one after the other. Its columns are not copied, as joining
 * the pieces would do: those of 20 million interactions are 320 MB.
 */
export function arrowPieces(table: Table): readonly Uint8Array[] {
  const pieces = new Pieces();
  const writer = new RecordBatchFileWriter();
  writer.reset(pieces);
  writer.writeAll(table);
  return pieces.all;
}
