import type { ByteVocabulary } from "./byte-vocabulary.js";
import { roleOfName } from "./columns.js";
import { atLine, dataFault } from "./data-fault.js";
import { namedDelimiter } from "./delimiter.js";
import { openFile, readBytes } from "./open-bytes.js";
import { RecordScanner } from "./record-scanner.js";

/**
 * Adds the ids of a text file, one a line (plain or gzip'd), to a vocabulary. A first line such as `item_id` is a header.
 * @returns how many ids were new
 * @throws RuntimeFault KDP7001–KDP7003, KDP7007 a line with several columns, KDP7010, KDP7012
 */
export async function readIdList(path: string, ids: ByteVocabulary): Promise<number> {
  const { format, gzip } = await openFile(path);
  const tab = namedDelimiter("tab");
  if (format !== "delimited" || !tab) {
    throw dataFault("KDP7010", "a list of ids is a text file with one id per line", { place: path });
  }
  const before = ids.size;
  let records = 0;
  const scanner = new RecordScanner(path, tab, (record) => {
    const place = atLine(path, record.line);
    if (record.count !== 1) {
      throw dataFault("KDP7007", "this line holds several columns", { place, fix: "write one id per line" });
    }
    const text = record.text(0);
    if (records++ === 0 && roleOfName(text) !== null) return;
    if (ids.internText(text) === -1) throw dataFault("KDP7012", "the id of this line is not valid UTF-8", { place });
  });
  for await (const chunk of readBytes(path, gzip)) scanner.push(chunk);
  scanner.end();
  return ids.size - before;
}
