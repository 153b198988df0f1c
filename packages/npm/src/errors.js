// One class per cause, named as in Python's tcsdk.errors.

/** Base class of all errors of this package. */
export class TcsdkError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The bytes given cannot be decoded. */
export class BitstreamError extends TcsdkError {}
export class NotATcsStreamError extends BitstreamError {}
export class NewerVersionError extends BitstreamError {}
export class TruncatedStreamError extends BitstreamError {}
export class CorruptStreamError extends BitstreamError {}
export class UnsupportedChunkError extends BitstreamError {}
export class TrailingDataError extends BitstreamError {}
export class StreamLimitError extends BitstreamError {}

/** The caller gave something out of its range. */
export class ArgumentError extends TcsdkError {}
/** No quality fits; `smallest` says how many bytes would. */
export class TargetTooSmallError extends TcsdkError {
  constructor(message, options) {
    super(message, options);
    this.smallest = options?.smallest;
  }
}
/** No memory is left for what was asked. */
export class OutOfMemoryError extends TcsdkError {}
/** The module is not there, is damaged, or cannot run here. */
export class EngineError extends TcsdkError {}

// As tcs_status of kernels/include/tcs/tcs.h numbers them.
const CLASSES = new Map([
  [1, NotATcsStreamError],
  [2, NewerVersionError],
  [3, TruncatedStreamError],
  [4, CorruptStreamError],
  [5, UnsupportedChunkError],
  [6, TrailingDataError],
  [7, StreamLimitError],
  [10, ArgumentError],
  [11, OutOfMemoryError],
]);

/** The error of a status of libtcs. */
export function errorOf(status, message) {
  return new (CLASSES.get(status) ?? EngineError)(message);
}

const ALL = [
  TcsdkError,
  BitstreamError,
  NotATcsStreamError,
  NewerVersionError,
  TruncatedStreamError,
  CorruptStreamError,
  UnsupportedChunkError,
  TrailingDataError,
  StreamLimitError,
  ArgumentError,
  TargetTooSmallError,
  OutOfMemoryError,
  EngineError,
];
const BY_NAME = new Map(ALL.map((each) => [each.name, each]));

/** An error as plain data, for another thread. */
export function told({ name, message, smallest }) {
  return { name, message, smallest };
}

/** The error that another thread told. */
export function revived({ name, message, smallest }) {
  const known = BY_NAME.get(name);
  return known ? new known(message, { smallest }) : new EngineError(`${name}: ${message}`);
}
