import { RuntimeFault } from "@kdp/runtime";

/**
 * A fault of reading data, told to someone who types options: what a pipeline writes as `item: "…"` is `--item "…"` here, and
 * paths start from the working folder.
 */
export function inOptions(fault: RuntimeFault): RuntimeFault {
  const { code, message, fix } = fault.data;
  const said = code === "KDP7001" ? "paths start from the folder that the command is typed in" : fix;
  return new RuntimeFault(
    { ...fault.data, message: optionWords(message), ...(said === undefined ? {} : { fix: optionWords(said) }) },
    { cause: fault },
  );
}

const optionWords = (text: string): string =>
  text
    .replaceAll("`header: true`", "`--header`")
    .replaceAll("`header: false`", "`--no-header`")
    .replace(/`(user|item|rating|timestamp|delimiter):( [^`]*)?`/g, "`--$1$2`");
