// What a caller may ask of an encoding.
import { ArgumentError } from "./errors.js";

/** Refuses options out of their range. */
export function checkedOptions({ quality, maxBytes, adaptive, small, scale, background }) {
  const inRange = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  const rules = [
    ["quality", quality, "a whole number 0..63", (value) => inRange(value, 0, 63)],
    ["maxBytes", maxBytes, "a whole number from 1", (value) => inRange(value, 1, Infinity)],
    ["adaptive", adaptive, "true or false", (value) => typeof value === "boolean"],
    ["small", small, "true or false", (value) => typeof value === "boolean"],
    [
      "scale",
      scale,
      '"auto", or a number above 0 and at most 1',
      (value) => value === "auto" || (value > 0 && value <= 1),
    ],
    ["background", background, "three numbers 0..255", (value) =>
      value?.length === 3 && value.every((each) => inRange(each, 0, 255))],
  ];
  for (const [name, value, expected, holds] of rules) {
    if (value !== undefined && !holds(value)) {
      throw new ArgumentError(`${name}: expected ${expected}, came ${value}`);
    }
  }
  return { quality, maxBytes, adaptive, small, scale, background };
}
