// <tcs-image src="picture.tcs" alt="...">: a stream in a page, as <img> shows other pictures.
import { decode } from "./decoder.js";
import { inspect } from "./inspect.js";
import { fetchBytes } from "./module.js";

const MOST_BYTES = 1 << 26; // of a stream that a page shows
const STYLE = `
  :host { display: inline-block; max-width: 100%; vertical-align: bottom; }
  :host([hidden]) { display: none; }
  canvas { display: block; width: 100%; height: auto; }
  :host([height]:not([width])) canvas, .both { height: 100%; }
  slot[hidden], canvas[hidden] { display: none; }
`;

function made(tag, attributes) {
  return Object.assign(document.createElement(tag), attributes);
}

/** The element; importing this file registers it as tcs-image. */
export class TcsImage extends HTMLElement {
  static observedAttributes = ["src", "alt", "width", "height", "loading", "model"];

  #canvas = made("canvas", { width: 0, height: 0 });
  #fallback = made("slot", { name: "error", hidden: true });
  #work = null; // the AbortController of what is loading
  #seen = null; // waits for a lazy element to come near the window
  #info = null;
  #complete = true;

  constructor() {
    super();
    this.#canvas.setAttribute("part", "image");
    this.#fallback.append(made("span", {}));
    const root = this.attachShadow({ mode: "open" });
    root.append(made("style", { textContent: STYLE }), this.#canvas, this.#fallback);
  }

  /** What the stream says of itself, as inspect gives it; null before it is there. */
  get info() {
    return this.#info;
  }

  /** Whether nothing is loading. */
  get complete() {
    return this.#complete;
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(value) {
    this.setAttribute("src", value);
  }

  get alt() {
    return this.getAttribute("alt") ?? "";
  }

  set alt(value) {
    this.setAttribute("alt", value);
  }

  connectedCallback() {
    this.#reserve();
    this.#describe();
    this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback(name) {
    if (!this.isConnected) return;
    if (name === "alt") this.#describe();
    else if (name === "width" || name === "height") this.#reserve();
    else this.#start();
  }

  #stop() {
    this.#seen?.disconnect();
    this.#work?.abort();
    this.#seen = this.#work = null;
    this.#complete = true;
  }

  #start() {
    this.#stop();
    if (!this.src) return;
    this.#complete = false;
    if (this.getAttribute("loading") !== "lazy") {
      this.#load();
      return;
    }
    this.#seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#seen.disconnect();
      this.#load();
    }, { rootMargin: "400px" });
    this.#seen.observe(this);
  }

  async #load() {
    const work = new AbortController();
    this.#work = work;
    const { signal } = work;
    try {
      const url = new URL(this.src, document.baseURI);
      const stream = new Uint8Array(await fetchBytes(url, { signal, most: MOST_BYTES }));
      this.#info = await inspect(stream);
      signal.throwIfAborted();
      this.#reserve();
      this.#describe();
      const model = this.getAttribute("model") ?? undefined;
      const home = model && new URL(model, document.baseURI);
      const picture = await decode(stream, { model: home, signal });
      signal.throwIfAborted();
      this.#show(picture);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #show(picture) {
    const { width, height } = picture;
    Object.assign(this.#canvas, { width, height, hidden: false });
    this.#canvas.getContext("2d").putImageData(picture, 0, 0);
    this.#fallback.hidden = true;
    this.#complete = true;
    this.dispatchEvent(new CustomEvent("tcs-load", { detail: this.#info }));
  }

  // What was shown before goes: it is not the picture of this address.
  #fail(error) {
    this.#info = null;
    Object.assign(this.#canvas, { width: 0, height: 0, hidden: true });
    this.#fallback.hidden = false;
    this.#fallback.firstChild.textContent = this.alt || `${error.name}: ${error.message}`;
    this.#complete = true;
    this.dispatchEvent(new ErrorEvent("error", { error, message: error.message }));
  }

  // The place of the picture, by its attributes at first, then by the stream's header.
  #reserve() {
    const side = (name) => parseInt(this.getAttribute(name) ?? "", 10) || null;
    const [width, height] = [side("width"), side("height")];
    const shown = this.#info ?? { width, height };
    this.style.width = width ? `${width}px` : !height && this.#info ? `${shown.width}px` : "";
    this.style.height = height ? `${height}px` : "";
    const both = width && height;
    this.#canvas.className = both ? "both" : "";
    const ratio = both ? { width, height } : shown;
    this.style.aspectRatio = ratio.width && ratio.height ? `${ratio.width} / ${ratio.height}` : "";
  }

  // Without alt the text that was sent with the picture says what is in it.
  #describe() {
    const sent = this.#info?.text?.lines.map(({ text }) => text).filter(Boolean).join("\n");
    const said = this.hasAttribute("alt") ? this.alt : (sent ?? "");
    this.#canvas.setAttribute("role", said === "" && this.hasAttribute("alt") ? "presentation" : "img");
    this.#canvas.setAttribute("aria-label", said);
  }
}

if (!customElements.get("tcs-image")) customElements.define("tcs-image", TcsImage);
