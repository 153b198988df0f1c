import type { StreamInfo } from "./index.js";

/**
 * `<tcs-image src alt width height loading="lazy" model>`: fires `tcs-load`, whose detail is the
 * StreamInfo, or `error`, and shows its slot "error" then.
 */
export class TcsImage extends HTMLElement {
  src: string;
  alt: string;
  readonly info: StreamInfo | null;
  readonly complete: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "tcs-image": TcsImage;
  }
}
