// What was used, and what is left of the budgets, as a page to read.

import { amount } from "../amounts.ts";
import type { UsageResult } from "../protocol.ts";
import { table } from "./markdown.ts";

const GROUPS = ["model", "provider", "task", "day"];

export function usagePage(usage: UsageResult): string {
  return ["# Usage and budgets", total(usage), budgets(usage), ...GROUPS.map((each) => group(usage, each))]
    .filter((each) => each !== "")
    .join("\n\n");
}

function total(usage: UsageResult): string {
  if (usage.calls === 0) {
    return "No model was asked yet.";
  }
  const { calls, input_tokens, output_tokens, cost_usd } = usage;
  return table(
    ["Calls", "Tokens sent", "Tokens answered", "Cost"],
    [[number(calls), number(input_tokens), number(output_tokens), cost(cost_usd)]],
  );
}

function budgets(usage: UsageResult): string {
  if (usage.budgets.length === 0) {
    return "No budget is set. A budget in `profiles.yaml` stops a call before it costs too much.";
  }
  const rows = usage.budgets.map((each) => [
    String(each.name ?? ""),
    amount(each.limit, each.unit),
    amount(each.used, each.unit),
    amount(each.left, each.unit),
  ]);
  return `## Budgets\n\n${table(["Budget", "Limit", "Used", "Left"], rows)}`;
}

function group(usage: UsageResult, name: string): string {
  const entries = Object.entries((usage.by[name] ?? {}) as Record<string, Record<string, unknown>>);
  if (entries.length === 0) {
    return "";
  }
  const rows = entries.map(([key, each]) => [
    key,
    number(each.calls),
    number(each.input_tokens),
    number(each.output_tokens),
    cost(each.cost_usd),
  ]);
  return `## By ${name}\n\n${table([name, "Calls", "Tokens sent", "Tokens answered", "Cost"], rows)}`;
}

function number(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : "";
}

function cost(value: unknown): string {
  return typeof value === "number" ? `$${value.toFixed(4)}` : "";
}
