// The command line of another command of the program that serves.

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** `victor lsp --x` becomes `victor doctor`, and so does `python -m … lsp`: what stands behind `lsp` is the server's. */
export function commandLine(program: Program, args: readonly string[]): [string, ...string[]] {
  const at = program.args.lastIndexOf("lsp");
  return [program.command, ...program.args.slice(0, at < 0 ? program.args.length : at), ...args];
}
