// The instructions that were given before, the last one first.

const MOST = 30;

export function remembered(before: readonly string[], instruction: string): readonly string[] {
  return [instruction, ...before.filter((each) => each !== instruction)].slice(0, MOST);
}

/** What is offered while a person writes: their own words first, then what they wrote before and holds these. */
export function offered(written: string, before: readonly string[]): readonly string[] {
  const typed = written.trim();
  const like = before.filter((each) => each !== typed && each.toLowerCase().includes(typed.toLowerCase()));
  return typed === "" ? like : [typed, ...like];
}
