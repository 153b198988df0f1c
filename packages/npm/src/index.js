export { Decoder, decode } from "./decoder.js";
export { Encoder, encode } from "./encoder.js";
export * from "./errors.js";
export { inspect } from "./inspect.js";
export { LINKS } from "./links.js";
export { MODELS } from "./models.js";
export { version } from "./module.js";
export { Joiner, packetsOf, split } from "./packets.js";
