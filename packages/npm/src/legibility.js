// How legible text of a size is at a quality: the table of tcsdk/codec/legibility.py.
const HEIGHTS = [5.6, 8.0, 11.3, 16.0, 22.6, 32.0, 90.0, 128.0, 300.0].map(Math.log2);
const QUALITIES = [0, 12, 24, 36, 48, 63];
const ACCURACIES = [
  [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
  [0.12, 0.24, 0.39, 0.49, 0.5, 0.5],
  [0.39, 0.65, 0.77, 0.83, 0.84, 0.86],
  [0.67, 0.87, 0.95, 0.98, 0.97, 0.98],
  [0.73, 0.93, 0.98, 0.99, 0.99, 0.99],
  [0.8, 0.95, 0.98, 0.98, 0.99, 0.99],
  [0.84, 0.95, 0.97, 0.98, 0.98, 0.98],
  [0.8, 0.9, 0.93, 0.94, 0.96, 0.98],
  [0.6, 0.7, 0.8, 0.85, 0.9, 0.95],
];

// Linear between points, as at the nearest one beyond.
function between(x, places, values) {
  if (x <= places[0]) return values[0];
  if (x >= places.at(-1)) return values.at(-1);
  const n = places.findIndex((place) => place > x);
  const part = (x - places[n - 1]) / (places[n] - places[n - 1]);
  return values[n - 1] + part * (values[n] - values[n - 1]);
}

/** The accuracy to be expected of text whose lines have these heights, 0..1 each. */
export function legibility(heights, quality) {
  const ofHeight = ACCURACIES.map((row) => between(quality, QUALITIES, row));
  return heights.map((height) => between(Math.log2(height), HEIGHTS, ofHeight));
}
