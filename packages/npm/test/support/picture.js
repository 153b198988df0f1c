// A picture that is the same everywhere: slopes, noise, and strokes like those of letters.
export function testPicture(width, height) {
  const data = new Uint8ClampedArray(4 * width * height);
  let noise = 1;
  for (let at = 0, y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      noise = (Math.imul(noise, 1103515245) + 12345) >>> 0;
      const stroke = y % 40 > 12 && y % 40 < 26 && (x * 7 + (y >> 2)) % 23 < 6;
      const shade = stroke ? 30 : 200 - ((x + y) >> 3) + (noise >>> 29);
      data.set([shade, stroke ? 40 : shade - 20, 255 - (x & 127), 255], at);
    }
  }
  return { width, height, data };
}

/** SHA-256 of bytes in hex. */
export async function hashOf(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Encodings to compare, by name. */
export const ASKED = {
  quality: { quality: 20 },
  plain: { quality: 20, adaptive: false },
  fits: { maxBytes: 900 },
  small: { maxBytes: 900, small: true, scale: 0.5 },
};

/** Hashes of what `encode` and `decode` make of the picture. */
export async function made(tcs, worker) {
  const image = testPicture(200, 130);
  const hashes = {};
  for (const [name, options] of Object.entries(ASKED)) {
    const stream = await tcs.encode(image, { ...options, worker });
    const picture = await tcs.decode(stream, { worker });
    hashes[name] = [stream.length, await hashOf(stream), picture.width, await hashOf(picture.data)];
  }
  return hashes;
}

/** SHA-256 of the stream and of the pixels of each job: {width, height, rgba, options}. */
export async function hashesOf(tcs, jobs) {
  const hashes = [];
  for (const { width, height, rgba, options } of jobs) {
    const data = Uint8ClampedArray.from(atob(rgba), (each) => each.charCodeAt(0));
    const stream = await tcs.encode({ width, height, data }, options);
    const picture = await tcs.decode(stream);
    hashes.push([await hashOf(stream), await hashOf(picture.data)]);
  }
  return hashes;
}

async function timed(times, work) {
  const taken = [];
  for (let n = 0; n <= times; n += 1) {
    const before = performance.now();
    await work();
    taken.push(Math.round(performance.now() - before));
  }
  const [first, ...others] = taken;
  return { first, median: others.sort((a, b) => a - b)[others.length >> 1] };
}

/** Milliseconds of 256x512: decoded, encoded at a quality, and in a number of bytes. */
export async function timesOf(tcs) {
  const image = testPicture(512, 256);
  const encode = await timed(9, () => tcs.encode(image, { quality: 20, scale: 1 }));
  const fits = await timed(5, () => tcs.encode(image, { maxBytes: 1500 }));
  const stream = await tcs.encode(image, { quality: 20, scale: 1 });
  return { decode: await timed(9, () => tcs.decode(stream)), encode, "encode by bytes": fits };
}
