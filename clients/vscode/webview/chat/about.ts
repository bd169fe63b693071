// Who answered, why, with what it was shown, and what it took.

import { button, h } from "./dom.ts";
import { say } from "./host.ts";
import type { Context, Turn, Usage } from "./state.ts";

/** One line, which opens to the rest. */
export function aboutAnswer(turn: Turn): HTMLElement {
  const { route, usage } = turn;
  const line = [route?.model ?? "", usage ? tokens(usage) : "", usage ? cost(usage) : ""]
    .filter(Boolean)
    .join(" · ");
  const where = route
    ? route.leavesMachine
      ? "What it is shown leaves this machine."
      : "Nothing leaves this machine."
    : "";
  return h(
    "details",
    { class: "about" },
    h("summary", {}, line || "Details"),
    route ? h("p", {}, route.reason) : null,
    where ? h("p", { class: route?.leavesMachine ? "leaves" : "" }, where) : null,
    turn.context ? contextOf(turn.context) : null,
    turn.receipts.length ? receiptsOf(turn.receipts) : null,
  );
}

function tokens({ inputTokens, outputTokens, counted }: Usage): string {
  const about = counted ? "" : "about ";
  return `${about}${inputTokens.toLocaleString("en")} tokens in, ${outputTokens.toLocaleString("en")} out`;
}

function cost({ costUsd }: Usage): string {
  if (costUsd === null) {
    return "price unknown";
  }
  return costUsd === 0 ? "free" : `$${costUsd < 0.01 ? costUsd.toPrecision(2) : costUsd.toFixed(2)}`;
}

function contextOf({ pieces, leftOut }: Context): HTMLElement {
  const shown = pieces.map(({ path, kind, reason, tokens: size, location }) => {
    const name = path || kind;
    const place = location
      ? button(name, () => say({ type: "openPlace", place: location }), { class: "link" })
      : name;
    return h(
      "li",
      {},
      place,
      h("span", { class: "muted" }, ` ${reason}, ${size.toLocaleString("en")} tokens`),
    );
  });
  const out = leftOut.map(({ path, kind, reason }) =>
    h("li", {}, path || kind, h("span", { class: "muted" }, ` ${reason}`)),
  );
  return h(
    "div",
    { class: "context" },
    h("h4", {}, shown.length ? "The model was shown" : "The model was shown no files"),
    shown.length ? h("ul", {}, ...shown) : null,
    out.length ? h("h4", {}, "Left out") : null,
    out.length ? h("ul", {}, ...out) : null,
  );
}

function receiptsOf(receipts: readonly string[]): HTMLElement {
  const links = receipts.map((id, at) => {
    const label = receipts.length > 1 ? `Receipt ${at + 1}` : "Receipt";
    return button(label, () => say({ type: "receipt", id }), {
      class: "link",
      title: "What left for the model in this call",
    });
  });
  return h("p", { class: "receipts" }, ...links);
}
