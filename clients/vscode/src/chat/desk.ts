// What the chat needs of the editor, so that it can be tested without one.

import type { Attached, Failure, Kept, Place, ToView } from "./messages.ts";

/** What the person looks at. */
export interface Looking {
  uri: string;
  range: NonNullable<Place["range"]> | null;
  /** How it is called in the view. */
  label: string;
}

/** A file that goes with the next question, or lines of it: the blocks that mention it are the server's to read. */
export interface AttachedFile extends Attached {
  block: Record<string, unknown>;
}

export interface Desk {
  /** Tells the view, if there is one. */
  post(message: ToView): void;
  /** Makes the view seen, without taking the cursor. */
  show(): void;
  looking(): Looking | null;
  /** The URI of the folder that a new chat is about. */
  root(): string | null;
  /** Says how the chat is called. */
  name(title: string): void;
  /** Keeps which chat this window is in. */
  remember(sessionId: string | null): void;
  remembered(): string | null;
  /** Keeps for this window what a view that is made anew starts with. */
  keep(now: Kept): void;
  kept(): Kept;
  confirm(question: string, yes: string): Promise<boolean>;
  askTitle(title: string): Promise<string | undefined>;
  pickFiles(): Promise<AttachedFile[]>;
  open(place: Place): Promise<void>;
  openFile(path: string, line: number): Promise<void>;
  openLink(href: string): Promise<void>;
  openDiff(path: string, oldText: string, newText: string): Promise<void>;
  copy(text: string): Promise<void>;
  insert(text: string): Promise<void>;
  apply(text: string): Promise<void>;
  run(command: string): Promise<void>;
}

/** The words of an error for a person. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const fix = (error as { fix?: unknown } | null)?.fix;
  return { message, fix: typeof fix === "string" ? fix : "" };
}
