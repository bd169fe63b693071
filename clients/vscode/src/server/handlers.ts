// What features want to hear and to answer, kept over restarts and given to each new client.

import { Disposable } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

type Listener = (params: never) => void;
type Answer = (params: never, token: never) => Promise<unknown>;

/** The handlers of all features. */
export interface Handlers {
  listen(method: string, listener: Listener): Disposable;
  answer(method: string, answer: Answer): Disposable;
  /** Gives them, and those that come later, to a client that was not started yet. */
  giveTo(client: LanguageClient): void;
}

export function createHandlers(fault: (method: string, error: unknown) => void): Handlers {
  const listeners = new Map<string, Set<Listener>>();
  const answers = new Map<string, Answer>();
  let client: LanguageClient | undefined;

  const tell = (method: string, params: unknown) => {
    for (const each of listeners.get(method) ?? []) {
      try {
        each(params as never);
      } catch (error) {
        fault(method, error); // one feature's fault is no other's
      }
    }
  };
  const subscribe = (method: string) => client?.onNotification(method, (params) => tell(method, params));
  const offer = (method: string) =>
    client?.onRequest(method, (params, token) => {
      const answer = answers.get(method);
      return answer === undefined
        ? Promise.reject(new Error("Nobody answers this."))
        : answer(params as never, token as never);
    });

  return {
    listen(method, listener) {
      if (!listeners.has(method)) {
        listeners.set(method, new Set());
        subscribe(method);
      }
      listeners.get(method)?.add(listener);
      return new Disposable(() => listeners.get(method)?.delete(listener));
    },
    answer(method, answer) {
      const isNew = !answers.has(method);
      answers.set(method, answer);
      if (isNew) {
        offer(method);
      }
      return new Disposable(() => answers.get(method) === answer && answers.delete(method));
    },
    giveTo(newClient) {
      client = newClient;
      for (const each of listeners.keys()) {
        subscribe(each);
      }
      for (const each of answers.keys()) {
        offer(each);
      }
    },
  };
}
