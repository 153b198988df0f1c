// The best quality that fits into a number of bytes: tcsdk/codec/rate_search.py, step by step.
import { TargetTooSmallError } from "./errors.js";

const GROWTH = 0.03;
const GUESSES = 6;
const LOOK_ABOVE = 2;

function within(value, low, high) {
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

function remembering(make) {
  const made = new Map();
  return (quality) => {
    if (!made.has(quality)) made.set(quality, make(quality));
    return made.get(quality);
  };
}

function bestOf(make, maxBytes, highest) {
  const first = Math.floor(highest / 2);
  const guess = within(first + moreOf(maxBytes, make(first).length), 0, highest);
  if (guess === 0 && make(0).length > maxBytes) return null;
  const found = bestThatFits(make, maxBytes, highest, guess);
  return found === null ? null : make(found);
}

/**
 * The stream of the best quality of at most `maxBytes`. `adaptive` and `plain` make the stream of a
 * quality, with what the model asks for of each block and without: the second where no first fits.
 */
export function bestStream(adaptive, plain, maxBytes, highest) {
  const [make, without] = [remembering(adaptive), remembering(plain)];
  const best = bestOf(make, maxBytes, highest);
  if (best !== null) return best;
  const quality = bestThatFits(without, maxBytes, highest);
  if (quality !== null) return without(quality);
  const smallest = Math.min(make(0).length, without(0).length);
  throw new TargetTooSmallError(
    `maxBytes: ${maxBytes} is too small: the smallest stream of this picture takes ${smallest} ` +
      "bytes; scale: a smaller number makes streams smaller",
    { smallest },
  );
}
