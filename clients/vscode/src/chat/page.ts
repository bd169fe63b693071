// The page of the chat view: nothing in it runs or is shown that does not come with the extension.

export interface PageParts {
  /** Where the webview may load styles from, as VS Code names it. */
  cspSource: string;
  /** New for each page. */
  nonce: string;
  script: string;
  style: string;
}

/** The document. Everything else in it is made by the script, from text. */
export function page({ cspSource, nonce, script, style }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Victor</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
