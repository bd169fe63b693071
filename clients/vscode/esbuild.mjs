// Bundles the extension and its webviews into dist/. `--production` minifies, `--watch` builds on every change.
import { rmSync, writeFileSync } from "node:fs";
import { context } from "esbuild";
import { notices } from "./licences.mjs";

const production = process.argv.includes("--production");
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none", // their words are in the notices
  metafile: true,
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

rmSync("dist", { recursive: true, force: true }); // what is left of an earlier build would be packaged
const metafiles = [];
for (const build of builds) {
  const made = await context(build);
  metafiles.push((await made.rebuild()).metafile);
  if (process.argv.includes("--watch")) {
    await made.watch();
  } else {
    await made.dispose();
  }
}
writeFileSync("dist/ThirdPartyNotices.txt", notices(metafiles));
