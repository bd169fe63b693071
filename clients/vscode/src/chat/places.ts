// Which files a chat may open: those of the workspace. Knows nothing of VS Code.

import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** The path that is meant, where it lies in one of the folders; a relative one is looked for in the first. */
export function inFolders(path: string, folders: readonly string[]): string | undefined {
  const [first] = folders;
  if (!path || path.includes("\0") || first === undefined) {
    return undefined;
  }
  const whole = isAbsolute(path) ? resolve(path) : resolve(first, path);
  return folders.some((folder) => isInside(whole, folder)) ? whole : undefined;
}

/** Whether the file lies in one of the folders, also once links are followed: a repository can hold links to anywhere. */
export async function leadsInside(path: string, folders: readonly string[]): Promise<boolean> {
  const real = (each: string) => realpath(each).catch(() => each); // what is not there, the editor says itself
  const [whole, ...roots] = await Promise.all([real(path), ...folders.map(real)]);
  return inFolders(path, folders) !== undefined && inFolders(whole, roots) !== undefined;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
