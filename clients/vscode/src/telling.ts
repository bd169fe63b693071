// Commands that say in a message what went wrong, and what to do next.

import { showErrorMessage } from "./notices.ts";
import { inWords, toServerError } from "./server/failures.ts";

/** `run`, whose failure becomes a message; what the person stopped is no failure. */
export function telling<A extends unknown[]>(
  run: (...args: A) => Promise<unknown>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args);
    } catch (error) {
      if (toServerError(error).kind !== "cancelled") {
        void showErrorMessage(inWords(error));
      }
    }
  };
}
