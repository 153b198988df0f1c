// Answers as text that can be compared, in Node.js and in browsers.
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON in which bytes are hexadecimal. */
export function asText(value) {
  return JSON.stringify(value, (_, each) => (each instanceof Uint8Array ? hex(each) : each));
}
