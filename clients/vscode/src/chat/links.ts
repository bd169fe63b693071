// What a link in an answer leads to: the web, or a file. Nothing else may be followed.

export type Link = { to: "web"; href: string } | { to: "file"; path: string; line: number };

/** What a link in an answer leads to; undefined for all that may not be followed. */
export function readLink(href: string): Link | undefined {
  if (/^https?:\/\//i.test(href)) {
    return readAddress(href);
  }
  if (/^[a-z][a-z\d+.-]*:(?!\d)/i.test(href) || href.startsWith("//") || href.startsWith("\\\\")) {
    return undefined;
  }
  const found = /^(?<path>[^#?]+?)(?:#L?(?<anchor>\d+).*|:(?<line>\d+)(?:[-:]\d+)*)?$/.exec(href);
  if (!found?.groups?.path) {
    return undefined;
  }
  const line = Number(found.groups.anchor ?? found.groups.line ?? 1);
  return { to: "file", path: decoded(found.groups.path), line: Math.max(0, line - 1) };
}

/** One with a name before an `@` looks as if it led to that name. */
function readAddress(href: string): Link | undefined {
  const address = URL.canParse(href) && !href.includes("\\") ? new URL(href) : undefined;
  return address && !address.username && !address.password ? { to: "web", href: address.href } : undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
