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
  return { first, weights: scaled };
}

// One pass over lines of `count` places, `step` apart; lines begin `stride` apart.
function pass(source, target, lines, rows, near) {
  for (let row = 0; row < rows; row += 1) {
    lines.forEach(({ first, weights }, place) => {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = near.start;
        let at = near.from(row, first) + channel;
        for (const weight of weights) {
          sum += source[at] * weight;
          at += near.step;
        }
        target[near.to(row, place) + channel] = near.end(sum);
      }
    });
  }
}

const EIGHT_BITS = { start: 1 << (BITS - 1), end: (sum) => sum >> BITS }; // stored clamped
const FLOATS = { start: 0, end: (sum) => sum };

function twoPasses(pixels, from, to, filter, { kind, Store, prepare }) {
  let { data, width } = { data: pixels, width: from.width };
  if (to.width !== width) {
    const made = new Store(3 * to.width * from.height);
    const near = {
      ...kind,
      step: 3,
      from: (row, x) => 3 * (row * from.width + x),
      to: (row, x) => 3 * (row * to.width + x),
    };
    pass(data, made, weightsOf(width, to.width, filter).map(prepare), from.height, near);
    [data, width] = [made, to.width];
  }
  if (to.height === from.height) return data;
  const made = new Store(3 * width * to.height);
  const near = {
    ...kind,
    step: 3 * width,
    from: (x, y) => 3 * (y * width + x),
    to: (x, y) => 3 * (y * width + x),
  };
  pass(data, made, weightsOf(from.height, to.height, filter).map(prepare), width, near);
  return made;
}

/** RGB (height, width, 3) at another size, as Pillow's LANCZOS makes it. */
export function reduced(pixels, from, to) {
  const how = { kind: EIGHT_BITS, Store: Uint8ClampedArray, prepare: whole };
  const made = twoPasses(pixels, from, to, LANCZOS, how);
  return new Uint8Array(made.buffer, made.byteOffset, made.length);
}

/** RGB of a coded picture at the size at which it is shown, in floats, rounded at the end. */
export function enlarged(pixels, from, to) {
  const how = { kind: FLOATS, Store: Float32Array, prepare: (each) => each };
  return Uint8ClampedArray.from(twoPasses(pixels, from, to, BICUBIC, how)); // rounds half to even
}
