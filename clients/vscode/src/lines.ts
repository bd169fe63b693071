// Texts as lines.

/** The lines of a text with their ends; none for an empty one. */
export function splitLines(text: string): readonly string[] {
  return text === "" ? [] : text.split(/(?<=\r\n|\n|\r(?!\n))/);
}
