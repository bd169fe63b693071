// What a message to the person may hold: words. Knows nothing of VS Code.

/** The editor makes links of `[words](address)` in messages, even of commands, which a press runs: of others' text none. */
export function withoutLinks(message: string): string {
  return message.replaceAll("](", "] (");
}
