// Which repository a commit message is for, among those that the editor's own Git extension knows.

/** What is used of a repository. */
export interface Repository<Address = { toString(): string; fsPath: string }> {
  readonly rootUri: Address;
  readonly inputBox: { value: string };
  readonly ui?: { readonly selected: boolean };
}

/** The repository that is named, else the only one, else the selected one. Undefined: the person has to say. */
export function repositoryFor<T extends Repository<{ toString(): string }>>(
  repositories: readonly T[],
  root: string | undefined,
): T | undefined {
  if (root !== undefined) {
    return repositories.find(({ rootUri }) => rootUri.toString() === root);
  }
  const selected = repositories.filter(({ ui }) => ui?.selected);
  return repositories.length === 1 ? repositories[0] : selected.length === 1 ? selected[0] : undefined;
}
