// What the server is told of the editor's settings: only what somebody has set.

/** `settings` without what is unset (null), and without `editor`, which is the extension's own. */
export function forServer(settings: unknown): Record<string, unknown> {
  const { editor: _own, ...rest } = isObject(settings) ? settings : {};
  return (withoutNulls(rest) as Record<string, unknown> | undefined) ?? {};
}

/** Dotted names with their values, as an object of objects: `{"a.b": 1}` is `{a: {b: 1}}`. */
export function nested(flat: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const whole: Record<string, unknown> = Object.create(null);
  for (const [name, value] of flat) {
    const parts = name.split(".");
    const last = parts.pop() as string;
    let at = whole;
    for (const part of parts) {
      at[part] ??= Object.create(null);
      at = at[part] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return whole;
}

function withoutNulls(value: unknown): unknown {
  if (value === null || !isObject(value)) {
    return value ?? undefined;
  }
  const kept = Object.entries(value)
    .map(([name, inner]) => [name, withoutNulls(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
