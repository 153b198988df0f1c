// Pictures made smaller by Lanczos' filter and larger by a bicubic one, as Pillow does.
const BITS = 22; // of the weights of 8-bit pixels

function sinc(x) {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const LANCZOS = {
  support: 3,
  weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
};
const BICUBIC = {
  support: 2,
  weight(value) {
    const x = Math.abs(value);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
  },
};

// For each place of the new line the first pixel that it takes, and weights that sum to 1.
function weightsOf(from, to, { support, weight }) {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  return Array.from({ length: to }, (_, place) => {
    const center = (place + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const last = Math.min(Math.trunc(center + reach + 0.5), from);
    const inverse = 1 / stretch;
    const weights = [];
    let sum = 0;
    for (let n = 0; n < last - first; n += 1) {
      weights.push(weight((n + first - center + 0.5) * inverse));
      sum += weights[n];
    }
    return { first, weights: weights.map((each) => (sum === 0 ? each : each / sum)) };
  });
}

function whole({ first, weights }) {
  const scaled = weights.map((each) => Math.trunc(each * (1 << BITS) + (each < 0 ? -0.5 : 0.5)));
  return { first, weights: Int32Array.from(scaled) };
}

const EIGHT_BITS = { start: 1 << (BITS - 1), shift: BITS, Store: Uint8ClampedArray, prepare: whole };
const FLOATS = {
  start: 0,
  shift: 0,
  Store: Float32Array,
  prepare: ({ first, weights }) => ({ first, weights: Float64Array.from(weights) }),
};

// The three channels of one new pixel, of old ones from `at` on, `step` apart.
function sum(source, at, step, weights, { start, shift }, target, to) {
  let [red, green, blue] = [start, start, start];
  for (let n = 0, from = at; n < weights.length; n += 1, from += step) {
    const weight = weights[n];
    red += source[from] * weight;
    green += source[from + 1] * weight;
    blue += source[from + 2] * weight;
  }
  target[to] = shift ? red >> shift : red;
  target[to + 1] = shift ? green >> shift : green;
  target[to + 2] = shift ? blue >> shift : blue;
}

function across(source, from, width, filter, how) {
  const lines = weightsOf(from.width, width, filter).map(how.prepare);
  const made = new how.Store(3 * width * from.height);
  for (let y = 0, to = 0; y < from.height; y += 1) {
    const row = 3 * y * from.width;
    for (const { first, weights } of lines) {
      sum(source, row + 3 * first, 3, weights, how, made, to);
      to += 3;
    }
  }
  return made;
}

function down(source, from, height, filter, how) {
  const lines = weightsOf(from.height, height, filter).map(how.prepare);
  const made = new how.Store(3 * from.width * height);
  const line = 3 * from.width;
  lines.forEach(({ first, weights }, y) => {
    for (let x = 0; x < line; x += 3) {
      sum(source, first * line + x, line, weights, how, made, y * line + x);
    }
  });
  return made;
}

function twoPasses(pixels, from, to, filter, how) {
  const wide = to.width === from.width ? pixels : across(pixels, from, to.width, filter, how);
  if (to.height === from.height) return wide;
  return down(wide, { width: to.width, height: from.height }, to.height, filter, how);
}

/** RGB (height, width, 3) at another size, as Pillow's LANCZOS makes it. */
export function reduced(pixels, from, to) {
  const made = twoPasses(pixels, from, to, LANCZOS, EIGHT_BITS);
  return new Uint8Array(made.buffer, made.byteOffset, made.length);
}

/** RGB of a coded picture at the size at which it is shown, in floats, rounded at the end. */
export function enlarged(pixels, from, to) {
  return Uint8ClampedArray.from(twoPasses(pixels, from, to, BICUBIC, FLOATS)); // half to even
}
