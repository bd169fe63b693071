// Bundles the extension and its webviews into dist/. `--production` minifies, `--watch` builds on every change.
import { context } from "esbuild";

const production = process.argv.includes("--production");
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  logLevel: "info",
};

const builds = [
  {
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.cjs",
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
  },
  {
    ...shared,
    entryPoints: ["webview/chat/main.ts", "webview/chat/style.css"],
    outdir: "dist/chat",
    platform: "browser",
    target: "chrome120",
    format: "iife",
  },
];

for (const build of builds) {
  const made = await context(build);
  if (process.argv.includes("--watch")) {
    await made.watch();
  } else {
    await made.rebuild();
    await made.dispose();
  }
}
