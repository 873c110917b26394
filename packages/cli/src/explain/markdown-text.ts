import type { Colors } from "../io/host.js";

/** A page on a terminal: headings stand out, code is indented, marks of emphasis are taken away. */
export function markdownText(markdown: string, colors: Colors): string {
  let inCode = false;
  const lines = markdown.split("\n").flatMap((line) => {
    if (line.startsWith("```")) {
      inCode = !inCode;
      return [];
    }
    if (inCode) return [colors.dim(`    ${line}`.trimEnd())];
    const heading = /^#+ (.*)$/.exec(line)?.[1];
    return [heading === undefined ? inline(line, colors) : colors.bold(inline(heading, colors))];
  });
  return `${lines.join("\n").trim()}\n`;
}

function inline(text: string, colors: Colors): string {
  return text
    .replace(/\*\*([^*]+)\*\*/g, (_, inner: string) => colors.bold(inner))
    .replace(
      /(^|[^\w*])\*([^*\s][^*]*)\*(?![\w*])/g,
      (_, before: string, inner: string) => before + colors.italic(inner),
    )
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, "$1 ($2)")
    .replace(/`([^`]+)`/g, (whole) => colors.cyan(whole));
}
