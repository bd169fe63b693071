// Collects the licences of the libraries that are bundled: each asks to be shipped with what holds it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^licen[cs]e/i;

/** The text to ship, from what esbuild says went into the bundles. Fails where a library brings no licence. */
export function notices(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = [...new Set(inputs.map((file) => PACKAGE.exec(file)?.[1]).filter(Boolean))].sort();
  const head = "Victor for VS Code holds parts of the following libraries.";
  return [head, ...folders.map(noticeOf)].join(`\n\n${"-".repeat(80)}\n\n`);
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const file = readdirSync(folder).find((each) => LICENCE.test(each));
  if (file === undefined) {
    throw new Error(`${name} is bundled, and brings no licence`);
  }
  const text = readFileSync(join(folder, file), "utf-8").replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n\n${text}`;
}
