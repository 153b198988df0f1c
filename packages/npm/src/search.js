// The best quality that fits into a number of bytes: tcsdk/codec/rate_search.py, step by step.
// By how much streams grow from one quality to the next, about.
export const GROWTH = 0.03;
const GUESSES = 6;
const LOOK_ABOVE = 2;

/** A number, but no less than `low` and no more than `high`. */
export function within(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function moreOf(maxBytes, size) {
  return Math.floor(Math.log(maxBytes / size) / GROWTH);
}

/** The highest quality whose stream has at most `maxBytes`; null if there is none. */
export function bestThatFits(make, maxBytes, highest, guess = null) {
  let low = -1; // fits, or is -1
  let high = highest + 1; // does not fit, or is beyond
  let middle = guess ?? Math.floor(highest / 2);
  for (let tries = 1; high - low > 1; tries += 1) {
    const size = make(middle).length;
    if (size <= maxBytes) low = middle;
    else high = middle;
    const guessed = within(middle + moreOf(maxBytes, size), low + 1, high - 1);
    middle = tries < GUESSES ? guessed : Math.floor((low + high) / 2);
  }
  if (low < 0) return null;
  let best = low;
  for (let above = low + 1; above <= Math.min(low + LOOK_ABOVE, highest); above += 1) {
    if (make(above).length <= maxBytes) best = above;
  }
  return best;
}
