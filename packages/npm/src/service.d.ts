/**
 * Answers requests of <img> for addresses that end in .tcs with bitmaps; to be called by a service
 * worker of type "module". Streams, nets and the last `most` pictures are kept in caches whose names
 * begin with `name`.
 */
export function showStreams(options?: { model?: string | URL; name?: string; most?: number }): void;
