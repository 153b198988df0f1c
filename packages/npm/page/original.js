// A picture that a person brings: any that the browser can read.
import { TcsdkError } from "./tcsdk/src/index.js";

const MOST_PIXELS = 50_000_000;

/** ImageData of a picture file; throws TcsdkError. */
export async function pixelsOf(name, blob) {
  const bitmap = await createImageBitmap(blob).catch((cause) => {
    throw new TcsdkError(`${name}: expected a picture or a .tcs stream; this is none that this browser can read`, { cause });
  });
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) {
    throw new TcsdkError(`${name}: expected at most 50 million pixels, came ${width} × ${height}`);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // seen through what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Calls `take(name, blob)` with what is chosen, dropped or pasted. */
export function takeFiles(input, zone, take) {
  const first = (files) => {
    const file = [...files][0];
    if (file) take(file.name || "pasted picture", file);
  };
  input.addEventListener("change", () => {
    first(input.files);
    input.value = ""; // the same file may be chosen again
  });
  const over = (on) => zone.classList.toggle("over", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    first(event.dataTransfer.files);
  });
  document.addEventListener("paste", ({ clipboardData }) => first(clipboardData?.files ?? []));
}
