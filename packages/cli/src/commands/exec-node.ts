import { type AddCommand, addExamples } from "./command.js";

/** `kdp exec-node`: one node in this process, for executors on other machines. */
export const addExecNode: AddCommand = (program, { host, action }) => {
  const command = program
    .command("exec-node", { hidden: true })
    .summary("run one node from its task file")
    .description("Runs one node as described by a task file, as executors do. Events go to stdout, one JSON line each.")
    .argument("<task>", "task.json, as an executor writes it")
    .action(
      action(async (task: string) => {
        const { execNode } = await import("@kdp/runtime");
        return execNode(task, (line) => host.stdout.write(`${JSON.stringify(line)}\n`));
      }),
    );
  addExamples(command, [["kdp exec-node task.json", "run the node, report on stdout"]]);
};
