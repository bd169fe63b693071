// A text with a key that was made up just now: no file holds one.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The sample; `random` gives numbers from 0 to below 1. */
export function sampleText(random: () => number): string {
  const key = `AKIA${Array.from({ length: 16 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("")}`;
  return [
    "# This key was made up just now. It opens nothing.",
    "# It is underlined all the same: press Ctrl+. (Cmd+. on a Mac) on it to see what helps.",
    "",
    `ACCESS_KEY = "${key}"`,
    "",
  ].join("\n");
}
