// A stream comes in by file, drop or sample; every part of the page shows its share of it.
import { TcsdkError, inspect, version } from "./tcsdk/src/index.js";
import { at, make } from "./dom.js";
import { listLinks, showLinks, showPackets } from "./links.js";
import { showBytes, showSummary } from "./summary.js";
import { showText } from "./text.js";

let stream = null; // what is shown; null before the first one
let saved = null; // its address to save it by

function fail(error) {
  const known = error instanceof TcsdkError;
  at("answer").hidden = true;
  at("save").hidden = true;
  at("status").textContent = "";
  at("error").hidden = false;
  at("error").textContent = known ? `${error.name}: ${error.message}` : `The page failed: ${error}`;
}

async function show(name, bytes) {
  const info = await inspect(bytes);
  stream = bytes;
  at("error").hidden = true;
  showSummary(info);
  showBytes(info);
  showText(info);
  await showLinks(stream);
  await showPackets(stream);
  at("answer").hidden = false;
  at("status").textContent = `${name}: ${info.width} × ${info.height} pixels in ${info.bytes} bytes.`;
  offer(name);
}

function offer(name) {
  if (saved) URL.revokeObjectURL(saved);
  saved = URL.createObjectURL(new Blob([stream], { type: "image/x-tcs" }));
  Object.assign(at("save"), { href: saved, download: name, hidden: false });
}

async function open(name, read) {
  at("status").textContent = `Reading ${name} …`;
  try {
    await show(name, new Uint8Array(await read()));
  } catch (error) {
    fail(error);
  }
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new TcsdkError(`${url}: expected a stream, came HTTP ${response.status}`);
  return response.arrayBuffer();
}

async function offerSamples() {
  const response = await fetch("samples/index.json").catch(() => null);
  if (!response?.ok) return;
  const buttons = (await response.json()).map(({ file, says }) => {
    const button = make("button", { type: "button" }, says);
    button.addEventListener("click", () => open(file, () => fetched(`samples/${file}`)));
    return button;
  });
  at("samples").querySelector("span").replaceChildren(...buttons);
  at("samples").hidden = false;
}

function takeFiles() {
  at("file").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    if (file) open(file.name, () => file.arrayBuffer());
    target.value = ""; // the same file may be chosen again
  });
  const over = (on) => at("drop").classList.toggle("over", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer.files;
    if (file) open(file.name, () => file.arrayBuffer());
  });
}

function again(...parts) {
  if (stream) Promise.all(parts.map((part) => part(stream))).catch(fail);
}

listLinks();
takeFiles();
at("loss").addEventListener("input", () => again(showLinks, showPackets));
at("link").addEventListener("change", () => again(showPackets));
navigator.serviceWorker?.register("offline.js").catch(() => {}); // without one: online only
version().then((said) => (at("version").textContent = said), fail);
const wanted = new URLSearchParams(location.search).get("sample");
offerSamples().then(() => {
  if (wanted && /^[\w-]+\.tcs$/.test(wanted)) open(wanted, () => fetched(`samples/${wanted}`));
}, fail);
