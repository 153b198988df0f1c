// How large text is, by what the detector says of a picture at several sizes:
// tcsdk/codec/text_size.py explains it and is followed step by step.
import { legibility } from "./legibility.js";

const TEXT = 0.5;
const [TALL, STEPS_PER_HALVING] = [20, 10];
const [MORE, ALL] = [1, 9];
const [FINE, SURE] = [8, 0.75];

/** The mean accuracy of text of these heights, coded at a part of its size and a quality. */
export function expected(heights, scale, quality) {
  const accuracies = legibility(heights.map((height) => height * scale), quality);
  let [sum, weights] = [0, 0];
  heights.forEach((height, n) => {
    sum += accuracies[n] / height;
    weights += 1 / height;
  });
  return sum / weights;
}

/** What the detector says at one size: planes of blocks, as the module gives them. */
export class Level {
  constructor(scale, planes, width, height) {
    this.scale = scale;
    this.width = width;
    this.height = height;
    this.probability = planes.subarray(0, width * height);
    this.asked = planes.subarray(width * height);
  }

  /** Values of this level, or of one of its planes, on the blocks of the finest one. */
  on(finest, values) {
    const ratio = this.scale / finest.scale;
    const place = (n, limit) => Math.min(Math.floor((n + 0.5) * ratio), limit - 1);
    const columns = Array.from({ length: finest.width }, (_, x) => place(x, this.width));
    const made = [];
    for (let y = 0; y < finest.height; y += 1) {
      const row = place(y, this.height) * this.width;
      for (const column of columns) made.push(values[row + column]);
    }
    return made;
  }

  // Blocks that are set, or have one of their eight neighbours set.
  grown(blocks) {
    return blocks.map((_, n) => {
      const [x, y] = [n % this.width, Math.floor(n / this.width)];
      for (let j = Math.max(y - 1, 0); j <= Math.min(y + 1, this.height - 1); j += 1) {
        for (let i = Math.max(x - 1, 0); i <= Math.min(x + 1, this.width - 1); i += 1) {
          if (blocks[j * this.width + i]) return true;
        }
      }
      return false;
    });
  }
}

function seen(levels) {
  const [finest] = levels;
  const shown = levels.map((level) => Array.from(level.probability, (each) => each >= TEXT));
  const first = levels.length === 1 ? shown[0] : sureOf(levels, shown);
  return [first, ...levels.slice(1).map((level, n) => level.on(finest, shown[n + 1]))];
}

// Grain looks like the finest print; at half the size print still shows, and grain has gone.
function sureOf([finest, next], shown) {
  const near = next.on(finest, next.grown(shown[1]));
  return shown[0].map((text, n) => {
    const sure = finest.asked[n] < FINE || finest.probability[n] >= SURE;
    return text && (sure || near[n]);
  });
}

function heightOf(scale, steps) {
  return (TALL / scale) * 2 ** (-steps / STEPS_PER_HALVING);
}

/** Heights of the text of a picture, of each block that shows some; each level is half the one before. */
export function textHeights(levels) {
  const [finest] = levels;
  const blocks = Array.from(finest.probability, () => ({ height: 0, base: 0, open: false, fresh: false }));
  const texts = seen(levels);
  levels.forEach((level, at) => {
    const asked = level.on(finest, level.asked);
    blocks.forEach((block, n) => follow(block, texts[at][n], Math.max(asked[n], 0), level, at === 0));
  });
  for (const block of blocks) {
    if (block.open && !block.fresh) block.height = heightOf(levels.at(-1).scale, block.base);
  }
  return blocks.map(({ height }) => height).filter((height) => height > 0);
}

// One block at the next smaller size: its text went on, shrank below what asks for nothing, or went.
function follow(block, text, asked, level, first) {
  const more = asked - block.base;
  const shrunk = block.open && text && more > MORE;
  const gone = block.open && (!text || more < -MORE || (shrunk && more >= ALL));
  if ((shrunk || gone) && !block.fresh) {
    if (shrunk) block.height = heightOf(level.scale, more);
    if (gone) block.height = heightOf(2 * level.scale, block.base);
  }
  const appeared = text && !block.open && block.height === 0;
  block.open = block.open && !(shrunk || gone);
  if (block.open) block.base = Math.min(block.base, asked);
  if (appeared) Object.assign(block, { base: asked, open: true });
  block.fresh = appeared && !first;
}
