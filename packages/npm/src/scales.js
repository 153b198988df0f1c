// The size at which a picture is coded, by the size of its text and the bytes that there are:
// tcsdk/codec/automatic_scale.py, step by step.
import { TargetTooSmallError } from "./errors.js";
import { GROWTH, bestThatFits, within } from "./search.js";
import { halfToEven } from "./small.js";
import { expected, textHeights } from "./text_size.js";

const [LEAST_SIDE, LEAST_BLOCKS, MOST_HALVINGS] = [32, 4, 6];
const BETWEEN = 0.75;
const [TOLERANCE, WORTH] = [0.005, 0.02];

/** The scales 1, 1/2, 1/4, ... at which a picture has sides to speak of. */
export function halvings({ width, height }) {
  const all = Array.from({ length: MOST_HALVINGS + 1 }, (_, n) => 2 ** -n);
  return all.filter((scale) => scale === 1 || Math.min(width, height) * scale >= LEAST_SIDE);
}

// Heights of text by the picture at these scales; null where nothing can say, or there is none.
function textOf(at, scales, quality) {
  const levels = [];
  for (const scale of scales) {
    const level = at(scale).level(quality);
    if (level === null) return null;
    if (levels.length > 0 && Math.min(level.width, level.height) < LEAST_BLOCKS) break;
    levels.push(level);
  }
  const heights = textHeights(levels);
  return heights.length > 0 ? heights : null;
}

/** The smallest scale at which text stays as legible as it can be at a quality. */
export function scaleForQuality(at, scales, quality) {
  const text = scales.length > 1 ? textOf(at, scales, quality) : null;
  if (!text) return scales[0];
  const between = scales.slice(0, -1).map((scale) => BETWEEN * scale);
  const known = [...scales, ...between].map((scale) => [scale, expected(text, scale, quality)]);
  const enough = Math.max(...known.map(([, accuracy]) => accuracy)) - TOLERANCE;
  return Math.min(...known.filter(([, accuracy]) => accuracy >= enough).map(([scale]) => scale));
}

class Search {
  constructor(at, scales, maxBytes, highest) {
    Object.assign(this, { at, scales, maxBytes, highest });
  }

  // The most legible fit {scale, asked, quality, size, found}; null where nothing fits.
  best() {
    const fits = this.probed();
    const seen = this.scales.filter((scale) => scale <= 2 * Math.max(0, ...fits.keys()));
    const text = seen.length > 1 ? textOf(this.at, seen, this.highest) : null;
    while (fits.size > 0) {
      const best = bestOf(text, [...fits.values()]);
      if (best.found) return this.between(text, best);
      fits.delete(best.scale);
      const found = this.found(best);
      if (found) fits.set(best.scale, found);
    }
    return null;
  }

  between(text, first) {
    const scales = [BETWEEN * first.scale, 2 * BETWEEN * first.scale];
    const inside = scales.filter((scale) => this.scales.at(-1) <= scale && scale <= this.scales[0]);
    let best = first;
    for (const guess of inside.map((scale) => this.guess(first, scale))) {
      const larger = !text && guess.scale > best.scale;
      const better = text && accuracyOf(text, guess) > accuracyOf(text, best) + WORTH;
      const found = larger || better ? this.found(guess) : null;
      if (found) best = bestOf(text, [best, found]);
    }
    return best;
  }

  // What makes streams at a fit's scale, with the steps that the model asks for or without.
  make({ scale, asked }) {
    const sized = this.at(scale);
    return asked ? sized.stream : sized.plain;
  }

  probed() {
    const fits = new Map();
    let fit = { scale: this.scales.at(-1), asked: true, quality: Math.floor(this.highest / 2) };
    for (const scale of [...this.scales].reverse()) {
      const guess = fits.size > 0 ? this.guess(fit, scale) : fit;
      const found = this.probe(guess) ?? this.probe({ ...guess, asked: false });
      if (!found) break;
      fit = found;
      fits.set(scale, fit);
    }
    return fits;
  }

  // About what fits at a scale, by one stream of it; null where nothing does.
  probe(guess) {
    const make = this.make(guess);
    const probed = this.guess({ ...guess, size: make(guess.quality).length }, guess.scale);
    return probed.quality > 0 || make(0).length <= this.maxBytes ? probed : null;
  }

  found(guess) {
    const make = this.make(guess);
    const quality = bestThatFits(make, this.maxBytes, this.highest, guess.quality);
    if (quality === null) return guess.asked ? this.found({ ...guess, asked: false }) : null;
    return { ...guess, quality, size: make(quality).length, found: true };
  }

  guess(known, scale) {
    const size = known.size * (scale / known.scale);
    const more = Math.floor(Math.log(this.maxBytes / size) / GROWTH);
    const quality = within(known.quality + more, 0, this.highest);
    const grown = size * Math.exp(GROWTH * (quality - known.quality));
    return { ...known, scale, quality, size: halfToEven(grown), found: false };
  }
}

function accuracyOf(text, { scale, quality }) {
  return expected(text, scale, quality);
}

function largest(fits) {
  return fits.reduce((one, other) => (other.scale > one.scale ? other : one));
}

function bestOf(text, fits) {
  if (!text) return largest(fits);
  const enough = Math.max(...fits.map((fit) => accuracyOf(text, fit))) - TOLERANCE;
  return largest(fits.filter((fit) => accuracyOf(text, fit) >= enough));
}

/** The most legible stream of at most `maxBytes`; without maps of blocks where none fits with them. */
export function bestStream(at, scales, maxBytes, highest) {
  const search = new Search(at, scales, maxBytes, highest);
  const fit = search.best();
  if (fit) return search.make(fit)(fit.quality);
  const smallest = at(scales.at(-1));
  const least = Math.min(smallest.stream(0).length, smallest.plain(0).length);
  throw new TargetTooSmallError(
    `maxBytes: ${maxBytes} is too small: the smallest stream of this picture takes ${least} bytes; ` +
      'scale: "auto" or a smaller number makes streams smaller',
    { smallest: least },
  );
}
