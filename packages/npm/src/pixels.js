// RGBA of canvases and RGB of the codec, one into the other.
import { ArgumentError, OutOfMemoryError, StreamLimitError } from "./errors.js";

export const MOST_PIXELS = 50_000_000;
const WHITE = [255, 255, 255];

/** Refuses sizes that a browser should not be asked for. */
export function requirePixels(what, { width, height }) {
  if (width * height <= MOST_PIXELS) return;
  throw new StreamLimitError(`expected at most ${MOST_PIXELS} pixels, ${what} ${width}x${height}`);
}

/** What `work` returns; arrays that find no memory are an error that says so. */
export function withMemory(work) {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new OutOfMemoryError("no memory is left for this picture; close other pages", { cause });
  }
}

/** RGBA of RGB, opaque. */
export function rgbaOf(rgb) {
  const pixels = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    pixels[to] = rgb[from];
    pixels[to + 1] = rgb[from + 1];
    pixels[to + 2] = rgb[from + 2];
  }
  return pixels;
}

// (back (255 - alpha) + front alpha) / 255, rounded, as Pillow does it.
function mixed(back, front, alpha) {
  const sum = back * (255 - alpha) + front * alpha + 128;
  return (sum + (sum >> 8)) >> 8;
}

/** RGB of RGBA over a background. */
export function rgbOf(rgba, background = WHITE) {
  const pixels = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3];
    for (let channel = 0; channel < 3; channel += 1) {
      const front = rgba[from + channel];
      pixels[to + channel] = alpha === 255 ? front : mixed(background[channel], front, alpha);
    }
  }
  return pixels;
}

/** What a caller gives as a picture: ImageData, or the same fields. */
export function checkedImage(image) {
  const { width, height, data } = image ?? {};
  const sides = [width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= 65535);
  const bytes = data instanceof Uint8ClampedArray || data instanceof Uint8Array;
  if (!sides || !bytes || data.length !== 4 * width * height) {
    const came = `width ${width}, height ${height}, ${data?.length ?? "no"} bytes`;
    throw new ArgumentError(`expected ImageData: sides of 1..65535 and RGBA of them, came ${came}`);
  }
  requirePixels("the picture has", { width, height });
  return { width, height, data };
}
