// A picture or a stream comes in by file, drop, paste or sample; every part of the page shows its
// share of it.
import { NotATcsStreamError, TcsdkError, decode, inspect, version } from "./tcsdk/src/index.js";
import { avifOf, hasAvif } from "./avif.js";
import { at, make } from "./dom.js";
import { AVIF, ENCODER, TEXT, keep } from "./keep.js";
import { encoded, offerKnobs, startKnobs } from "./knobs.js";
import { listLinks, showLinks, showPackets } from "./links.js";
import { pixelsOf, takeFiles } from "./original.js";
import { hasReader, readAll } from "./reading.js";
import { showBytes, showSummary } from "./summary.js";
import { showText } from "./text.js";
import { canvasOf, chooseLeft, clearPanes, drawnOf, setPane, startView } from "./view.js";

const shown = { name: "", stream: null, original: null };
let canCompare = false; // with AVIF
let work = new AbortController(); // of what is being made

function fail(error) {
  if (error?.name === "AbortError") return;
  const known = error instanceof TcsdkError;
  at("answer").hidden = true;
  at("status").textContent = "";
  at("error").hidden = false;
  at("error").textContent = known ? `${error.name}: ${error.message}` : `The page failed: ${error}`;
}

// Gives up what was being made; errors of what follows are shown.
async function start(does, ...given) {
  work.abort();
  work = new AbortController();
  const { signal } = work;
  try {
    await does(signal, ...given);
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
}

function said(bytes, more) {
  return `${bytes.toLocaleString("en")} bytes${more}`;
}

function offer(id, blob, name) {
  const link = at(id);
  if (link.href) URL.revokeObjectURL(link.href);
  Object.assign(link, { href: URL.createObjectURL(blob), download: name, hidden: false });
}

function sizeAndLayer({ width, codedWidth, codedHeight, layers }) {
  const size = codedWidth === width ? "" : `, coded at ${codedWidth} × ${codedHeight}`;
  return layers.length > 1 ? `${size}, its first layer` : size;
}

// The picture of the stream; a note where its model is not here.
async function showPicture(stream, info, note, signal) {
  try {
    const canvas = canvasOf(await decode(stream, { signal }));
    setPane("tcs", canvas, said(stream.length, sizeAndLayer(info)));
    canvas.toBlob((blob) => offer("save-picture", blob, shown.name.replace(/\.\w+$/, "") + ".png"));
  } catch (error) {
    if (signal.aborted || error.name !== "EngineError") throw error;
    note = `No picture: ${error.message}`;
    at("save-picture").hidden = true;
  }
  at("view-note").textContent = note;
  at("view-note").hidden = note === "";
}

async function showStream(signal, stream, note = "") {
  const info = await inspect(stream);
  signal.throwIfAborted();
  shown.stream = stream;
  if (!shown.original) clearPanes(info.width, info.height);
  at("error").hidden = true;
  showSummary(info);
  showBytes(info);
  showText(info);
  if (info.text) keep(TEXT);
  await showLinks(stream);
  await showPackets(stream);
  await showPicture(stream, info, note, signal);
  offer("save", new Blob([stream], { type: "image/x-tcs" }), shown.name.replace(/\.\w+$/, "") + ".tcs");
  at("answer").hidden = false;
  at("drop").classList.add("small");
  at("avif").hidden = !(shown.original && canCompare);
  at("status").textContent = `${shown.name}: ${info.width} × ${info.height} pixels in ${said(info.bytes, ".")}`;
}

async function encodeShown(signal) {
  at("view").setAttribute("aria-busy", "true");
  at("status").textContent = `Coding ${shown.name} …`;
  try {
    const { stream, note } = await encoded(shown.original, signal);
    await showStream(signal, stream, note);
    keep(ENCODER);
    if (at("avif").getAttribute("aria-pressed") === "true") await showAvif(signal);
  } finally {
    if (!signal.aborted) at("view").removeAttribute("aria-busy");
  }
}

async function showAvif(signal) {
  at("avif-said").textContent = "Coding AVIF …";
  try {
    const { data, part } = await avifOf(shown.original, shown.stream.length, signal);
    const picture = drawnOf(await createImageBitmap(new Blob([data], { type: "image/avif" })));
    const size = part === 1 ? "" : `, coded at ${100 * part} % of its size`;
    setPane("avif", picture, said(data.length, size));
    at("avif-said").textContent = "";
    keep(AVIF);
  } catch (error) {
    if (signal.aborted) throw error;
    setPane("avif", null);
    at("avif-said").textContent = error.message;
  }
}

async function open(signal, name, read) {
  Object.assign(shown, { name });
  at("status").textContent = `Reading ${name} …`;
  const bytes = new Uint8Array(await read());
  signal.throwIfAborted();
  at("readings").hidden = true;
  at("knobs").hidden = true;
  try {
    await inspect(bytes);
    shown.original = null;
    await showStream(signal, bytes);
  } catch (error) {
    if (!(error instanceof NotATcsStreamError)) throw error;
    if (/\.tcs$/i.test(name)) throw error;
    shown.original = await pixelsOf(name, new Blob([bytes]));
    clearPanes(shown.original.width, shown.original.height);
    offerKnobs(shown.original);
    setPane("original", canvasOf(shown.original), said(bytes.length, ""));
    await encodeShown(signal);
  }
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new TcsdkError(`${url}: expected a file, came HTTP ${response.status}`);
  return response.arrayBuffer();
}

// What the host of this page offers in a folder, as buttons.
async function offerFiles(folder) {
  const response = await fetch(`${folder}/index.json`).catch(() => null);
  const files = response?.ok ? await response.json() : [];
  const buttons = files.map(({ file, says }) => {
    const button = make("button", { type: "button" }, says);
    const address = `${folder}/${file.split("/").map(encodeURIComponent).join("/")}`;
    button.addEventListener("click", () => start(open, file, () => fetched(address)));
    return button;
  });
  at(folder).querySelector("span").replaceChildren(...buttons);
  at(folder).hidden = buttons.length === 0;
}

function again(...parts) {
  if (shown.stream) Promise.all(parts.map((part) => part(shown.stream))).catch(fail);
}

function startButtons() {
  at("avif").addEventListener("click", () => {
    const on = at("avif").getAttribute("aria-pressed") !== "true";
    at("avif").setAttribute("aria-pressed", String(on));
    at("avif-said").textContent = "";
    if (!on) setPane("avif", null);
    else start(showAvif).then(() => chooseLeft("avif"));
  });
  at("read").addEventListener("click", () => {
    at("read").disabled = true;
    readAll().catch(fail).finally(() => (at("read").disabled = false));
  });
  at("loss").addEventListener("input", () => again(showLinks, showPackets));
  at("link").addEventListener("change", () => again(showPackets));
}

listLinks();
startView();
startButtons();
startKnobs(() => shown.original && start(encodeShown));
takeFiles(at("file"), at("drop"), (name, blob) => start(open, name, () => blob.arrayBuffer()));
navigator.serviceWorker?.register("offline.js").catch(() => {}); // without one: online only
version().then((text) => (at("version").textContent = text), fail);
hasAvif().then((has) => (canCompare = has));
hasReader().then((has) => (at("read").hidden = !has));
const wanted = new URLSearchParams(location.search).get("sample");
offerFiles("streams").catch(fail);
offerFiles("samples").then(() => {
  const fits = wanted && /^[\w-]+\.\w+$/.test(wanted);
  if (fits) start(open, wanted, () => fetched(`samples/${wanted}`));
}, fail);
