// What is of Node.js alone; browsers and bundlers never look for it.
export const IN_NODE = Boolean(globalThis.process?.versions?.node);

/** A module of Node.js, by a name that bundlers do not resolve. */
export function nodeModule(name) {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
