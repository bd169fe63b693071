// The rules that say what tools may do: a list to read, in which answers can be taken back.

import {
  commands,
  type ExtensionContext,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  window,
} from "vscode";
import { Method, type PermissionRule, type PermissionsListResult } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { telling } from "../telling.ts";

interface RuleItem extends QuickPickItem {
  readonly rule?: PermissionRule;
}

const FORGET = { iconPath: new ThemeIcon("trash"), tooltip: "Take this answer back" };
const DECISIONS = { allow: "$(pass) Allow", ask: "$(question) Ask", deny: "$(circle-slash) Deny" };
const SOURCES: Readonly<Record<string, string>> = {
  default: "Victor's own",
  file: "permissions.yaml",
  workspace: "this workspace",
  answer: "your answer",
  session: "your answer, for this session",
};

export function registerPermissions(context: ExtensionContext, server: Connection): void {
  const run = telling(() => showPermissions(server));
  context.subscriptions.push(commands.registerCommand("victor.showPermissions", run));
}

async function showPermissions(server: Connection): Promise<void> {
  const box = window.createQuickPick<RuleItem>();
  box.title = "What tools may do here (the last rule that fits wins)";
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  const fill = async () => {
    const listed = await server.request(Method.permissionsList, {});
    box.placeholder = `Mode ${listed.mode}. Answers of yours can be taken back with the bin.`;
    box.items = items(listed);
  };
  const forget = telling(async (rule: PermissionRule) => {
    await server.request(Method.permissionsSet, { forget: rule.id });
    await fill();
  });
  box.onDidTriggerItemButton(({ item }) => item.rule && forget(item.rule));
  box.onDidAccept(() => box.hide());
  box.onDidHide(() => box.dispose());
  await fill();
  box.show();
}

function items({ rules, problems }: PermissionsListResult): RuleItem[] {
  const wrong = problems.map((each) => ({
    label: `$(warning) ${each.message}`,
    description: each.line === null ? each.source : `${each.source}:${each.line}`,
    detail: "While this is wrong, all but reading is asked for.",
  }));
  // The youngest first: they are the ones that win.
  return [...wrong, ...heading("Rules"), ...[...rules].reverse().map(item)];
}

function item(rule: PermissionRule): RuleItem {
  const what = rule.command ?? rule.path ?? rule.url ?? "";
  return {
    label: `${DECISIONS[rule.decision]}: ${rule.tool}`,
    description: what,
    detail: [SOURCES[rule.source] ?? rule.source, rule.place, rule.root && `only in ${rule.root}`]
      .filter((each) => each !== "")
      .join(" · "),
    ...(rule.id === "" ? {} : { buttons: [FORGET] }),
    rule,
  };
}

function heading(label: string): RuleItem[] {
  return [{ label, kind: QuickPickItemKind.Separator }];
}
