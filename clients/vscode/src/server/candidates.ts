// Where the server's program may be, in the order in which it is looked for.

import type { PlatformPath } from "node:path";

/** Who says that the program is there. */
export type Origin = "setting" | "workspace" | "path" | "managed";

/** A program with its arguments that may be the server. */
export interface Candidate {
  readonly origin: Origin;
  readonly command: string;
  readonly args: readonly string[];
}

/** What there is to look at. */
export interface Surroundings {
  /** `victor.editor.command`; null when unset. */
  readonly setting: readonly string[] | null;
  /** Paths of the open folders. */
  readonly folders: readonly string[];
  /** Whether the person trusts these folders: only then a program of theirs is started. */
  readonly trusted: boolean;
  readonly home: string;
  /** The folder of Victor's own environment. */
  readonly managed: string;
  readonly windows: boolean;
  /** The environment variable `PATH`. */
  readonly searchPath: string;
  readonly path: PlatformPath;
}

/** Every place, best first. With a setting there is no other: a person who names a program means that one. */
export function candidates(around: Surroundings): readonly Candidate[] {
  const named = around.setting?.filter((each) => each !== "") ?? [];
  if (named[0] !== undefined) {
    return fromSetting(named[0], named.slice(1), around);
  }
  const environments = around.trusted
    ? around.folders.flatMap((folder) => [".venv", "venv"].map((each) => around.path.join(folder, each)))
    : [];
  return [
    ...environments.map((each) => serving("workspace", programIn(each, around))),
    ...onSearchPath(around).map((each) => serving("path", each)),
    serving("managed", programIn(around.managed, around)),
  ];
}

/** The program `victor` (or another) in a Python environment. */
export function programIn(
  environment: string,
  around: Pick<Surroundings, "windows" | "path">,
  name = "victor",
): string {
  return around.windows
    ? around.path.join(environment, "Scripts", `${name}.exe`)
    : around.path.join(environment, "bin", name);
}

function fromSetting(command: string, args: readonly string[], around: Surroundings): readonly Candidate[] {
  const given = args.length > 0 ? args : ["lsp"];
  const expanded = /^~[/\\]/.test(command) ? around.path.join(around.home, command.slice(2)) : command;
  const isName = around.path.basename(expanded) === expanded;
  const places = isName
    ? onSearchPath(around, expanded)
    : around.path.isAbsolute(expanded)
      ? [expanded]
      : around.trusted
        ? around.folders.map((folder) => around.path.resolve(folder, expanded))
        : [];
  return places.map((each) => ({ origin: "setting", command: each, args: given }));
}

function onSearchPath(around: Surroundings, name = "victor"): readonly string[] {
  const file = around.windows && !/\.exe$/i.test(name) ? `${name}.exe` : name;
  return around.searchPath
    .split(around.path.delimiter)
    .filter((folder) => around.path.isAbsolute(folder)) // a relative one would be the workspace's word
    .filter((folder) => around.trusted || !inside(folder, around))
    .map((folder) => around.path.join(folder, file));
}

function inside(folder: string, { folders, path }: Surroundings): boolean {
  return folders.some((each) => {
    const way = path.relative(each, folder);
    // From one drive to another there is no relative way; and a folder may be named `..x`.
    return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
  });
}

function serving(origin: Origin, command: string): Candidate {
  return { origin, command, args: ["lsp"] };
}
