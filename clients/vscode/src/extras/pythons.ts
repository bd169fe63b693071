// Which Pythons an environment could be made with, and which of them will do.

export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
}

/** What is tried, best first. */
export function pythonNames(windows: boolean): readonly Invocation[] {
  const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
  return [
    ...(windows ? [{ command: "py", args: ["-3"] }] : []),
    ...(windows ? ["python", "python3"] : names).map((command) => ({ command, args: [] })),
  ];
}

/** A program that says which Python it is, and where. */
export const WHO = "import sys; print(*sys.version_info[:2], sys.executable)";

/** What `WHO` printed; undefined where that Python is too old (3.11 is needed), or is none. */
export function readPython(printed: string): { version: string; executable: string } | undefined {
  const [, major, minor, executable] = /^(\d+) (\d+) (.+)$/m.exec(printed.trim()) ?? [];
  if (major !== "3" || Number(minor) < 11 || executable === undefined) {
    return undefined;
  }
  return { version: `${major}.${minor}`, executable: executable.trim() };
}

/** The words for pip: what is installed is a name, a path or an address, never an option. */
export function installArguments(wanted: string): readonly string[] {
  return ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--upgrade", "--", wanted];
}

/** What a program named as its errors, else the end of what it printed: for a message. */
export function lastWords(printed: string, most = 400): string {
  const errors = printed.split(/\r?\n/).flatMap((line) => /^ERROR: (.+)/.exec(line)?.[1] ?? []);
  const text = errors.at(-1) ?? printed.trim();
  return text.length <= most ? text : `…${text.slice(-most)}`;
}
