// RGBA as a bitmap of 24 bits, which every browser shows without loss.
const HEADERS = 54;

/** The bytes of a .bmp, its lines from top to bottom. */
export function bmpOf({ width, height, data }) {
  const line = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(HEADERS + line * height);
  const view = new DataView(bytes.buffer);
  const put = (at, ...numbers) => numbers.forEach((each, n) => view.setInt32(at + 4 * n, each, true));
  bytes.set([0x42, 0x4d]); // "BM"
  put(2, bytes.length, 0, HEADERS, 40, width, -height);
  view.setUint16(26, 1, true); // planes
  view.setUint16(28, 24, true); // bits
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = 0, to = HEADERS + y * line; x < width; x += 1, from += 4, to += 3) {
      bytes[to] = data[from + 2];
      bytes[to + 1] = data[from + 1];
      bytes[to + 2] = data[from];
    }
  }
  return bytes;
}
