/** What a stream is given as. */
export type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;

export class TcsdkError extends Error {}
export class BitstreamError extends TcsdkError {}
export class NotATcsStreamError extends BitstreamError {}
export class NewerVersionError extends BitstreamError {}
export class TruncatedStreamError extends BitstreamError {}
export class CorruptStreamError extends BitstreamError {}
export class UnsupportedChunkError extends BitstreamError {}
export class TrailingDataError extends BitstreamError {}
export class StreamLimitError extends BitstreamError {}
export class ArgumentError extends TcsdkError {}
export class OutOfMemoryError extends TcsdkError {}
export class EngineError extends TcsdkError {}
/** No quality fits `maxBytes`. */
export class TargetTooSmallError extends TcsdkError {
  /** Bytes of the smallest stream of that picture. */
  readonly smallest: number;
}

export type LineState = "none" | "verified" | "doubtful" | "sent";
export type Point = [x: number, y: number];

export interface SentLine {
  /** What the line says; null where that was not sent. */
  text: string | null;
  /** Corners in pixels of the picture as shown, clockwise from the top left of the text. */
  polygon: [Point, Point, Point, Point] | null;
  state: LineState;
  /** 0..1 */
  confidence: number;
}

export interface SentText {
  lines: SentLine[];
  /** Whether lines that are not listed read as the original did. */
  verified: boolean;
}

export interface LayerInfo {
  /** 0..63 */
  quality: number;
  wireId: number;
  /** Name of the model where it is one that ships. */
  family: string | null;
  /** First 4 bytes of its bundle's SHA-256 in hex; null in small and bare streams. */
  bundle: string | null;
  /** Of its tiles and quality maps. */
  bytes: number;
}

export interface ChunkInfo {
  type: number;
  name: "tile" | "quality map" | "layer" | "icc" | "exif" | "user" | "text" | "size" | "unknown";
  bytes: number;
}

export interface StreamInfo {
  /** Pixels as shown. */
  width: number;
  height: number;
  /** Pixels as coded. */
  codedWidth: number;
  codedHeight: number;
  bytes: number;
  /** Bits per pixel shown. */
  bpp: number;
  quality: number;
  wireId: number;
  family: string | null;
  bundle: string | null;
  tiles: number;
  tileSize: number;
  small: boolean;
  bare: boolean;
  version: [major: number, minor: number];
  layers: LayerInfo[];
  chunks: ChunkInfo[];
  text: SentText | null;
  metadata: { icc: Uint8Array | null; exif: Uint8Array | null; user: Uint8Array | null };
}

/** Describes a stream; loads no model and decodes no pixel. Rejects with BitstreamError. */
export function inspect(data: Bytes): Promise<StreamInfo>;

/** A share of the packets of data, rounded up, or how many of all streams are to arrive whole. */
export type Parity = number | { delivery: number; loss: number };

/** How many packets a stream of `size` bytes takes. */
export function packetsOf(
  size: number,
  payload?: number,
  options?: { parity?: Parity },
): Promise<{ data: number; parity: number }>;

/** Cuts a stream into packets of at most `payload` bytes; those of data come first. */
export function split(
  data: Bytes,
  payload?: number,
  options?: { parity?: Parity; preview?: Bytes },
): Promise<Uint8Array[]>;

export interface Joined {
  fate: "whole" | "added" | "duplicate" | "late" | "mixed";
  /** Of the stream, 0..255. */
  number: number;
  held: number;
  needed: number;
  /** The whole stream, or null before. */
  stream: Uint8Array | null;
  /** What is here from its first byte on, without a gap. */
  start: Uint8Array;
  preview: Uint8Array | null;
}

/** Joins packets, in any order, of several senders and streams at once. */
export class Joiner {
  private constructor();
  static open(options?: { streams?: number; maxBytes?: number }): Promise<Joiner>;
  add(packet: Bytes, sender?: string): Joined;
  close(): void;
}

export interface Link {
  name: string;
  /** Bytes of a packet. */
  payload: number;
  cost: string;
}
export const LINKS: readonly Link[];

export interface Model {
  family: string;
  wireId: number;
  /** SHA-256 of its entropy bundle, in hex. */
  bundle: string;
}
export const MODELS: readonly Model[];

/** Version of libtcs, such as "0.1.0". */
export function version(): Promise<string>;

/** What ImageData has; where there is none, as in Node.js, this is what takes its place. */
export interface Picture {
  width: number;
  height: number;
  /** RGBA. */
  data: Uint8ClampedArray;
}

/** A picture as it is shown, and the size at which it was coded. */
export interface DecodedPicture extends Picture {
  codedWidth: number;
  codedHeight: number;
}

export interface Work {
  /** Gives the work up: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

export interface Place extends Work {
  /** false: in the thread that calls, not in a worker. */
  worker?: boolean;
}

export interface EncodeOptions extends Work {
  /** 0..63; with `maxBytes` the best one allowed. */
  quality?: number;
  /** Takes the best quality whose stream is no larger; rejects with TargetTooSmallError. */
  maxBytes?: number;
  /** Codes blocks with small or faint text finer; true if not given. */
  adaptive?: boolean;
  /** The small profile: 7 to 9 bytes of header. */
  small?: boolean;
  /**
   * Codes the picture at this part of its size, above 0 and at most 1; "auto" if not given: by the
   * height of the text that the model's detector sees.
   */
  scale?: number | "auto";
  /** RGB seen through transparent pixels; white if not given. */
  background?: readonly [number, number, number];
}

export interface ModelOption extends Place {
  /** Address of a model folder; the package's own tfic if not given. */
  model?: string | URL;
}

/** Decodes a stream, as it is shown; ImageData where there is such a class. */
export function decode(data: Bytes, options?: ModelOption): Promise<Picture>;

/** Encodes RGBA, such as ImageData. */
export function encode(image: Picture, options?: EncodeOptions & ModelOption): Promise<Uint8Array>;

declare class Coder {
  protected constructor();
  readonly family: string;
  /** The quality of encodings that name none. */
  readonly defaultQuality: number;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/** Decodes streams of one model. */
export class Decoder extends Coder {
  /**
   * Fetches a model folder's bundle and net, the package's own if none is given, and checks their
   * SHA-256; rejects with EngineError.
   */
  static open(folder?: string | URL, options?: Place): Promise<Decoder>;
  decode(data: Bytes, options?: Work): Promise<DecodedPicture>;
}

/** Encodes pictures by one model. */
export class Encoder extends Coder {
  static open(folder?: string | URL, options?: Place): Promise<Encoder>;
  encode(image: Picture, options?: EncodeOptions): Promise<Uint8Array>;
}
