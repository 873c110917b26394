import type { Fence } from "./markdown.js";

/** A command that a page tells its reader to give. */
export interface Quoted {
  readonly place: string;
  readonly words: readonly string[];
}

const STARTS = /^(?:\$ )?(?:npx )?((?:kdp|npm) [a-z<-].*)$/;

/** Where a comment begins that follows a command: `npm start     installs …`, `kdp run a.kdp   # …`. */
const COMMENT = / {2,}\S.*$|\s+#.*$|\s*\|\s.*$/;

/** Commands in indented and fenced blocks (`yaml`: what follows `run:`) and in code spans. */
export function quotedCommands(name: string, text: string, fences: readonly Fence[]): Quoted[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ""));
  const lines = prose.split("\n").flatMap((line, at) => {
    const place = `${name}:${at + 1}`;
    const spans = [...line.matchAll(/`([^`]+)`/g)].map((match) => ({ place, text: match[1] as string }));
    return line.startsWith("    ") ? [{ place, text: line.trim() }] : spans;
  });
  const fenced = fences
    .filter(({ language }) => ["", "console", "yaml", "sh"].includes(language))
    .flatMap(({ place, language, text: block }) =>
      block
        .split("\n")
        .filter((line) => language !== "console" || line.startsWith("$ "))
        .map((line) => ({ place, text: line.trim().replace(/^- run: /, "") })),
    );
  return [...lines, ...fenced].flatMap(({ place, text: line }) => {
    const command = STARTS.exec(line)?.[1]?.replace(COMMENT, "");
    return command === undefined ? [] : [{ place, words: command.trim().split(/\s+/) }];
  });
}

/** Options of a command, a value after `=` dropped. */
export const optionsIn = (words: readonly string[]): string[] =>
  words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/=.*$/, ""));
