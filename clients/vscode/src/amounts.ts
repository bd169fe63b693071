// What is spent and left, as people write it.

/** A number with its unit, as people write it. */
export function amount(value: unknown, unit: unknown): string {
  const number = typeof value === "number" ? value : 0;
  return unit === "usd" || unit === "cost_usd"
    ? `$${number.toFixed(2)}`
    : `${number.toLocaleString("en-US")} ${String(unit)}`;
}
