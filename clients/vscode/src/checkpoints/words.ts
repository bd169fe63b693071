// What a person reads about changes that were applied, and about taking them back.

import type {
  CheckpointFileItem,
  CheckpointItem,
  CheckpointPreviewFile,
  CheckpointRestoredFile,
  CheckpointRestoreResult,
} from "../protocol.ts";

const KINDS: Record<CheckpointItem["kind"], string> = {
  edit: "",
  undo: "undone in a review",
  restore: "restored",
};
const CHANGES: Record<CheckpointFileItem["change"], string> = {
  change: "",
  create: "made",
  delete: "deleted",
};
const PREVIEWS: Record<CheckpointPreviewFile["how"], string> = {
  unchanged: "is so already",
  change: "would be changed back",
  create: "would come back",
  delete: "would be deleted",
  conflict: "was changed since: you would review both texts",
  unreadable: "cannot be read",
};

/** Beside a checkpoint's title: how long ago, how many files, and what became of it. */
export function about(item: CheckpointItem, now: Date): string {
  const files = item.files.length === 1 ? "1 file" : `${item.files.length} files`;
  return [ago(new Date(item.created), now), files, item.undone ? "taken back" : "", KINDS[item.kind]]
    .filter(Boolean)
    .join(" · ");
}

export function fileInWords(file: CheckpointFileItem): string {
  const unsure = file.state === "applied" ? "" : "Victor ended while this was written";
  return [CHANGES[file.change], unsure].filter(Boolean).join(" · ");
}

export function previewInWords({ how, why }: CheckpointPreviewFile): string {
  return why ? `${PREVIEWS[how]} (${why})` : PREVIEWS[how];
}

/** What a restore has done, in one sentence or two. */
export function doneInWords({ files }: CheckpointRestoreResult): string {
  const of = (...how: CheckpointRestoredFile["how"][]) => files.filter((each) => how.includes(each.how));
  const restored = of("restored").length;
  const left = of("moved_on", "refused").map((file) => `${file.path} was left as it is. ${file.why}`.trim());
  const conflicts = of("conflict").map(({ path }) => path);
  return [
    restored ? `Restored ${restored === 1 ? of("restored")[0]?.path : `${restored} files`}.` : "",
    conflicts.length ? `You have changed ${conflicts.join(", ")} since: choose in the review.` : "",
    ...left,
    restored || conflicts.length || left.length ? "" : "Nothing to do: the files are so already.",
  ]
    .filter(Boolean)
    .join(" ");
}

/** How long ago, as roughly as people say it. */
export function ago(then: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - then.getTime()) / 60_000);
  if (minutes < 1) {
    return "just now";
  }
  if (minutes < 60) {
    return `${minutes} min ago`;
  }
  return minutes < 24 * 60 ? `${Math.floor(minutes / 60)} h ago` : then.toLocaleDateString();
}
