// What a server with OCR reads in each picture, where one is behind this page: tcsdk serve.
import { TcsdkError } from "./tcsdk/src/index.js";
import { at, make, row } from "./dom.js";
import { shownPanes } from "./view.js";

const FACTS = { method: "GET", headers: { accept: "application/json" } };

/** Whether a server that reads is behind the page. */
export async function hasReader() {
  const answer = await fetch("api", FACTS).catch(() => null);
  if (!answer?.ok) return false;
  return (await answer.json().catch(() => ({}))).read === true;
}

async function linesOf(canvas) {
  const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const answer = await fetch("api/read", { method: "POST", body: png });
  const said = await answer.json();
  if (!answer.ok) throw new TcsdkError(`the server: ${said.error}`);
  return said.lines.map(({ text }) => text);
}

// A line that is read with the original's letters and figures is marked, for eyes and ears.
function cellOf(line, originals) {
  const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const same = line !== "" && originals.some((each) => plain(each) === plain(line));
  if (!same) return line;
  return make("span", { class: "same" }, line, make("span", { class: "quiet" }, ", as in the original"));
}

/** Reads all pictures that are shown and lays what was read side by side. */
export async function readAll() {
  const panes = shownPanes();
  const columns = await Promise.all(panes.map(([, , { canvas }]) => linesOf(canvas)));
  const original = columns[panes.findIndex(([name]) => name === "original")] ?? [];
  const head = make("tr", {}, ...panes.map(([, says]) => make("th", { scope: "col" }, says)));
  const cells = columns.map((lines, n) =>
    panes[n][0] === "original" ? lines : lines.map((line) => cellOf(line, original)),
  );
  const count = Math.max(1, ...columns.map((lines) => lines.length));
  const rows = Array.from({ length: count }, (_, n) => row(...cells.map((lines) => lines[n] ?? "")));
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  const says = "Read by the server behind this page, by its own OCR, from top to bottom.";
  at("readings").replaceChildren(make("p", { class: "quiet-note" }, says), table);
  at("readings").hidden = false;
}
