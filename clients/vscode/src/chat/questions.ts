// The permissions that the server asks for: kept until the person answers in the view, or they are taken back.

import type { PermissionRequestParams, PermissionRequestResult } from "../protocol.ts";
import type { Desk } from "./desk.ts";

/** What stops a wait; VS Code's cancellation tokens are such. */
export interface Stopping {
  onCancellationRequested(listener: () => void): unknown;
}

export interface Questions {
  /** Asks the person. Nobody else answers: without an answer it stays open until it is taken back. */
  ask(request: PermissionRequestParams, token: Stopping): Promise<PermissionRequestResult>;
  /** The person's answer; one that was not offered is none. */
  answer(id: number, optionId: string, reason: string): void;
  /** Shows every open question to a view that was just made. */
  tell(): void;
  /** Takes every question back: whoever asked is gone. */
  clear(): void;
}

interface Open {
  request: PermissionRequestParams;
  title: string;
  reply(result: PermissionRequestResult): void;
}

const CANCELLED: PermissionRequestResult = { outcome: { outcome: "cancelled" } };

/** Questions of all chats; `titleOf` names the chat where it is not the one that is shown. */
export function newQuestions(desk: Desk, titleOf: (sessionId: string) => string): Questions {
  const open = new Map<number, Open>();
  let last = 0;

  function close(id: number, result: PermissionRequestResult): void {
    const question = open.get(id);
    if (question && open.delete(id)) {
      desk.post({ type: "permissionGone", id });
      question.reply(result);
    }
  }

  return {
    ask(request, token) {
      const id = ++last;
      const title = titleOf(request.sessionId);
      return new Promise((reply) => {
        open.set(id, { request, title, reply });
        token.onCancellationRequested(() => close(id, CANCELLED));
        desk.post({ type: "permission", id, title, request });
        desk.show();
      });
    },
    answer(id, optionId, reason) {
      if (open.get(id)?.request.options.some((option) => option.optionId === optionId)) {
        const said = reason.trim() ? { _meta: { victor: { reason } } } : {};
        close(id, { outcome: { outcome: "selected", optionId }, ...said });
      }
    },
    tell() {
      for (const [id, { request, title }] of open) {
        desk.post({ type: "permission", id, title, request });
      }
    },
    clear() {
      for (const id of [...open.keys()]) {
        close(id, CANCELLED);
      }
    },
  };
}
