// Walks through the pages of `yomawari serve` in a browser, as a person does, and closes an alert.
//
//   node tests/serve/browser.mjs ADDRESS ALERT [FOLDER]
//
// Takes the address that was printed at the start and the id of an open alert; prints one JSON
// object: what the console said, what was asked for, and where each step led. With a folder it puts
// pictures of the pages there. Without chromium it says "skipped" and ends with 0.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const [address, alert, folder] = process.argv.slice(2);
const site = new URL(address).origin;

function browser() {
  for (const path of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      if (existsSync(join(path, name))) return join(path, name);
    }
  }
  console.log("skipped: no chromium is installed");
  process.exit(0);
}

const profile = mkdtempSync(join(tmpdir(), "yomawari-serve-"));
const words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
words.push("--no-first-run", "--disable-background-networking", "--disable-component-update");
words.push("--remote-debugging-pipe", `--user-data-dir=${profile}`, "--window-size=1100,900");
const child = spawn(browser(), words, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

// The browser is spoken to in JSON, each message with a zero byte after it.
let number = 0;
let rest = "";
const waiting = new Map();
const heard = [];
let told = () => {};
child.stdio[4].on("data", (bytes) => {
  rest += bytes;
  const messages = rest.split("\0");
  rest = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    if (message.id) waiting.get(message.id)?.(message);
    else {
      heard.push(message);
      told();
    }
  }
});

function say(method, params = {}, sessionId = undefined) {
  const id = ++number;
  child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
  return new Promise((done, fail) => {
    waiting.set(id, (answer) => (answer.error ? fail(new Error(answer.error.message)) : done(answer.result)));
  });
}

// Waits for an event that comes after a step.
async function after(step, method) {
  const begun = heard.length;
  await step();
  while (!heard.slice(begun).some((message) => message.method === method)) {
    await new Promise((done) => (told = done));
  }
}

const { targetId } = await say("Target.createTarget", { url: "about:blank" });
const { sessionId } = await say("Target.attachToTarget", { targetId, flatten: true });
const page = (method, params) => say(method, params, sessionId);
for (const part of ["Page", "Runtime", "Log", "Network", "DOM"]) await page(`${part}.enable`);

const look = async (expression) => (await page("Runtime.evaluate", { expression })).result.value;
const go = (path) => after(() => page("Page.navigate", { url: site + path }), "Page.loadEventFired");
const steps = [];

async function note(name) {
  steps.push({ name, at: await look("location.pathname + location.search"), title: await look("document.title") });
  // The style was taken, or the page would be without its width.
  steps.at(-1).styled = (await look("getComputedStyle(document.body).maxWidth")) !== "none";
  if (!folder) return;
  for (const scheme of ["light", "dark"]) {
    await page("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    const { data } = await page("Page.captureScreenshot", { captureBeyondViewport: true });
    writeFileSync(join(folder, `${name}-${scheme}.png`), Buffer.from(data, "base64"));
  }
}

await go("/");
await note("door");
await go("/?token=" + new URL(address).searchParams.get("token"));
await note("list");
steps.at(-1).address = await look("location.href");
await go("/week");
await note("week");
await go("/alerts?state=all&q=zzz%3Cscript%3E");
await note("nothing");
await go("/alert/" + alert);
await note("alert");
steps.at(-1).scripts = await look("document.scripts.length");
await look("document.querySelector('#as-explained').checked = true");
await look("document.querySelector('#note').value = '当直の呼び出し'");
await look("document.querySelector('#by').value = '佐藤'");
// A click on the button, as a person does it: a form sent by script is held to other rules.
const { root } = await page("DOM.getDocument");
const { nodeId } = await page("DOM.querySelector", { nodeId: root.nodeId, selector: "form.close button" });
await page("DOM.scrollIntoViewIfNeeded", { nodeId });
const { model } = await page("DOM.getBoxModel", { nodeId });
const [x, y] = [(model.content[0] + model.content[2]) / 2, (model.content[1] + model.content[5]) / 2];
await after(async () => {
  for (const type of ["mousePressed", "mouseReleased"]) {
    await page("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
  }
}, "Page.loadEventFired");
await note("closed");
steps.at(-1).said = await look("document.querySelector('[role=status]')?.textContent ?? ''");
await go("/alert/" + alert + "?lang=en");
await note("english");

const of = (method) => heard.filter((message) => message.method === method).map((message) => message.params);
const text = (entry) => entry.args?.map((word) => word.value).join(" ");
const asked = of("Network.requestWillBeSent").map((params) => params.request.url);
console.log(
  JSON.stringify({
    steps,
    console: [...of("Runtime.consoleAPICalled").map(text), ...of("Log.entryAdded").map((p) => p.entry.text)],
    thrown: of("Runtime.exceptionThrown").length,
    asked: [...new Set(asked)],
    outside: asked.filter((url) => !url.startsWith(site + "/") && !url.startsWith("data:") && url !== "about:blank"),
  }),
);
child.on("exit", () => {
  rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  process.exit(0);
});
// It ends in order, with its helpers, which write into the profile to the last.
await say("Browser.close").catch(() => child.kill());
