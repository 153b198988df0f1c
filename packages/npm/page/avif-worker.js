// Searches the best AVIF of a number of bytes: whole, or smaller where that is nearer the original.
import load from "./avif/avif_enc.js";

const PARTS = [1, 0.5, 0.25, 0.125];
const OPTIONS = {
  qualityAlpha: -1, denoiseLevel: 0, tileColsLog2: 0, tileRowsLog2: 0, speed: 6, subsample: 1,
  chromaDeltaQ: false, sharpness: 0, tune: 0, enableSharpYUV: false, bitDepth: 8, lossless: false,
};
const codec = load({ noInitialRun: true });

function drawn(picture, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function encode(module, { width, height, data }, quality) {
  const bytes = module.encode(new Uint8Array(data.buffer), width, height, { ...OPTIONS, quality });
  if (!bytes) throw new Error("it gave nothing");
  return bytes.slice();
}

// The best quality that fits; null where none does.
function best(module, small, maxBytes) {
  let found = null;
  for (let low = 0, high = 100; low <= high; ) {
    const quality = found === null && low === 0 && high === 100 ? 0 : (low + high + 1) >> 1;
    const data = encode(module, small, quality);
    if (data.length <= maxBytes) {
      found = { data, quality };
      low = quality + 1;
    } else if (quality === 0) return null;
    else high = quality - 1;
  }
  return found;
}

async function distanceOf({ data }, image) {
  const picture = await createImageBitmap(new Blob([data], { type: "image/avif" }));
  const shown = drawn(picture, image.width, image.height).data;
  return image.data.reduce((sum, value, n) => sum + (value - shown[n]) ** 2, 0);
}

async function search(image, maxBytes) {
  const module = await codec;
  const whole = await createImageBitmap(image);
  const fits = [];
  for (const part of PARTS) {
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * part)));
    const found = best(module, part === 1 ? image : drawn(whole, width, height), maxBytes);
    if (!found) continue;
    fits.push({ ...found, part, away: await distanceOf(found, image) });
    if (fits.length === 2) break;
  }
  if (fits.length === 0) throw new Error(`no AVIF of this picture has ${maxBytes} bytes or less`);
  return fits.reduce((one, other) => (other.away < one.away ? other : one));
}

self.addEventListener("message", async ({ data: { image, maxBytes } }) => {
  try {
    self.postMessage(await search(image, maxBytes));
  } catch (error) {
    self.postMessage({ error: error.message });
  }
});
