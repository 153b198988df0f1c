// The size at which a small stream codes a picture: tcsdk/codec/resampling.py, small_size.
const UNIT = 32;
const MOST = 255;

/** Near a part of its own: one factor of both sides, 1 + n / 32, with which both come out. */
export function smallSize({ width, height }, scale) {
  let best = { width, height, far: Math.abs(Math.log(scale)) };
  for (let n = 1; n <= MOST; n += 1) {
    const factor = 1 + n / UNIT;
    const [w, h] = [width, height].map((side) => Math.max(1, halfToEven(side / factor)));
    const fits = Math.trunc(w * factor + 0.5) === width && Math.trunc(h * factor + 0.5) === height;
    const far = Math.abs(Math.log(factor) + Math.log(scale));
    if (fits && far < best.far) best = { width: w, height: h, far };
  }
  return { width: best.width, height: best.height };
}

/** A number rounded, halves to the even one, as Python's round(). */
export function halfToEven(value) {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}
