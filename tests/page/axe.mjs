// Checks a page of the report for accessibility with axe-core, in light and dark.
//
//   npm install axe-core && node tests/page/axe.mjs week.html
//
// Takes a page; prints each finding; ends with 1 when one is serious or critical. Without axe-core
// (also looked for in AXE_CORE) or chromium it says "skipped" and ends with 0.

import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(0);
}

function axeSource() {
  const here = createRequire(join(process.cwd(), "package.json"));
  for (const name of [process.env.AXE_CORE, "axe-core/axe.min.js"]) {
    if (!name) continue;
    if (existsSync(name)) return readFileSync(name, "utf8");
    try {
      return readFileSync(here.resolve(name), "utf8");
    } catch {
      // It is looked for in the next place.
    }
  }
  return null;
}

function browser() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  return null;
}

const page = readFileSync(resolve(process.argv[2]), "utf8");
const axe = axeSource();
if (!axe) skip("axe-core is not installed (npm install axe-core, or AXE_CORE=path/to/axe.min.js)");
const chromium = browser();
if (!chromium) skip("no chromium is installed");

// The page forbids scripts, so the policy is taken out of the copy that is checked.
const open = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
const check = `<script>${axe.replaceAll("</script", "<\\/script")}</script><script>
axe.run(document).then((found) => {
  const out = document.createElement("pre");
  out.id = "axe-findings";
  out.textContent = JSON.stringify(found.violations.map((v) => ({
    id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => n.html),
  })));
  document.body.replaceChildren(out);
});
</script></body>`;
const folder = mkdtempSync(join(tmpdir(), "yomawari-axe-"));
let serious = 0;
try {
  for (const scheme of ["light", "dark"]) {
    const file = join(folder, `${scheme}.html`);
    writeFileSync(file, open.replace("</body>", () => check));
    const settings = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--virtual-time-budget=20000", `--user-data-dir=${join(folder, scheme)}`, "--dump-dom"];
    if (scheme === "dark") settings.push("--blink-settings=preferredColorScheme=0");
    const dom = execFileSync(chromium, [...settings, `file://${file}`], {
      encoding: "utf8", maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "ignore"],
    });
    const told = dom.match(/<pre id="axe-findings">([^]*?)<\/pre>/);
    if (!told) throw new Error(`axe gave no answer (${scheme})`);
    const plain = told[1].replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    for (const finding of JSON.parse(plain)) {
      console.log(`${scheme}: ${finding.impact} ${finding.id}: ${finding.help}`);
      for (const node of finding.nodes) console.log(`    ${node.slice(0, 200)}`);
      if (["serious", "critical"].includes(finding.impact)) serious += 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`serious findings: ${serious}`);
process.exit(serious ? 1 : 0);
