/* libtcs, C interface: entropy bundle, tiles, container, text, packets and packed weights of the
 * tcsdk codec.
 *
 *   encode:  image -> [analysis graph] -> z_hat, d -> tcs_encode_tile_d + tcs_write -> bytes
 *   decode:  bytes -> tcs_parse + tcs_decode_tile -> z_hat, r -> [synthesis graph] -> image
 *
 * Conventions
 * - Functions that can fail return a tcs_status; on anything but TCS_OK their outputs are not to be
 *   used, and tcs_last_error() says what was expected and what came.
 * - Arrays are dense, row-major, in the machine's byte order. The caller owns what it passes;
 *   arrays that libtcs allocates come back through a pointer and are released by tcs_free().
 * - M and C_z are the bundle's channels of r and z_hat. A tile of W x H pixels has a y grid of
 *   width = ceil(W / 16) and height = ceil(H / 16), each 1..1020, and a z grid of
 *   hz = ceil(height / 4) and wz = ceil(width / 4).
 * - Any bytes given to tcs_bundle_open, tcs_parse, tcs_decode_tile, tcs_decode_quality_map,
 *   tcs_net_open, tcs_decode,
 *   tcs_read_layer, tcs_decode_text, tcs_joiner_add and tcs_unpack_weights are safe. No function
 * keeps a pointer to its arguments. A bundle may be shared between threads.
 * - The byte formats are specified in docs/reference/format.md.
 */
#ifndef TCS_TCS_H
#define TCS_TCS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TCS_API __attribute__((visibility("default")))
#else
#define TCS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tcs_status {
    TCS_OK = 0,
    TCS_ERROR_NOT_TCS = 1,           /* the bytes do not start like a stream */
    TCS_ERROR_NEWER_VERSION = 2,     /* made by a later format version */
    TCS_ERROR_TRUNCATED = 3,         /* the bytes end before what they declare */
    TCS_ERROR_CORRUPT = 4,           /* a checksum or the entropy decoder found damage */
    TCS_ERROR_UNSUPPORTED_CHUNK = 5, /* a critical chunk of an unknown type */
    TCS_ERROR_TRAILING = 6,          /* bytes after the end */
    TCS_ERROR_LIMIT = 7,             /* declared sizes beyond the limits */
    TCS_ERROR_BUNDLE = 8,            /* the entropy bundle is not valid */
    TCS_ERROR_BUNDLE_MISMATCH = 9,   /* the stream needs another entropy bundle */
    TCS_ERROR_ARGUMENT = 10,         /* the caller's fault: a range, NaN, a null pointer */
    TCS_ERROR_MEMORY = 11,           /* out of memory */
    TCS_ERROR_INTERNAL = 12,         /* a defect of libtcs */
    TCS_ERROR_WEIGHTS = 13,          /* packed weights or their graph are not valid */
    TCS_ERROR_NET = 14               /* a packed net is not valid */
} tcs_status;

/* "TCS_ERROR_TRUNCATED" and so on; "unknown status" for other numbers. */
TCS_API const char* tcs_status_name(tcs_status status);

/* Message of the last failure in this thread, "" before the first. Valid until the next failure. */
TCS_API const char* tcs_last_error(void);

/* Releases an array that libtcs allocated; null is allowed. */
TCS_API void tcs_free(void* array);

/* "0.1.0". */
TCS_API const char* tcs_version(void);

/* Name of the implementation of the hot loops in use: "generic", "avx2", "neon". The first call
 * reads the environment variable TCSDK_SIMD; a value that cannot run here is TCS_ERROR_ARGUMENT. */
TCS_API tcs_status tcs_simd_name(const char** name);

/* CRC-32C of size bytes; `previous` is the checksum of the bytes before them, 0 at the start. */
TCS_API uint32_t tcs_crc32c(const void* data, size_t size, uint32_t previous);

/* What a small stream says of a bundle, by its tcs_bundle_info.short_hash. */
TCS_API uint16_t tcs_bundle_check(uint32_t short_hash);

/* ---- Entropy bundle ------------------------------------------------------------------------- */

typedef struct tcs_bundle tcs_bundle;

/* What an encoder or decoder needs to know of a bundle. The tables live as long as the bundle. */
typedef struct tcs_bundle_info {
    uint16_t wire_id;
    uint32_t short_hash; /* as tcs_header.bundle_hash */
    uint8_t hash[32];    /* SHA-256 of the whole file */
    uint8_t digest[32];  /* SHA-256 of the canonical checkpoint */
    int32_t latent;      /* M */
    int32_t hyper;       /* C_z */
    int32_t z_levels;    /* L */
    int32_t precision;
    int32_t skip;                      /* default skip index */
    const int8_t* steps;               /* (64, M) */
    const uint8_t* z_level_of_quality; /* (64,) */
    const float* gain_of_step;         /* (256,), steps -128..127 */
    const float* inverse_of_step;      /* (256,), steps -128..127 */
    const float* z_gain;               /* (L, C_z) */
    const float* z_inverse_gain;       /* (L, C_z) */
} tcs_bundle_info;

/* Reads the bytes of an entropy.tcsb. */
TCS_API tcs_status tcs_bundle_open(const uint8_t* data, size_t size, tcs_bundle** bundle);

/* Releases a bundle; null is allowed. */
TCS_API void tcs_bundle_close(tcs_bundle* bundle);

TCS_API tcs_status tcs_bundle_describe(const tcs_bundle* bundle, tcs_bundle_info* info);

/* Scale indexes of a y grid without quality and clamp: z_hat (C_z, hz, wz), level 0..L-1,
 * indexes (M, height, width). */
TCS_API tcs_status tcs_scale_indexes(const tcs_bundle* bundle, const int8_t* z_hat, int32_t level,
                                     int32_t height, int32_t width, int16_t* indexes);

/* ---- Tiles ---------------------------------------------------------------------------------- */

/* What the coding of a tile depends on. The last two are read by encoders only. */
typedef struct tcs_tile {
    int32_t height;    /* of the y grid */
    int32_t width;     /* of the y grid */
    int32_t quality;   /* 0..63 */
    const int8_t* roi; /* (height, width) step offsets, or null */
    int32_t skip;      /* 0..63: elements of a lower scale index are not coded; -1: the bundle's */
    int32_t lanes;     /* 1 or 8; 0: by the number of coded symbols */
} tcs_tile;

/* A tile with default options. */
TCS_API tcs_tile tcs_tile_default(int32_t height, int32_t width, int32_t quality);

/* Codes z_hat (C_z, hz, wz) in -127..127 and d (M, height, width), which is multiplied by the
 * quality's gain and rounded half to even. The payload goes to tcs_free(). */
TCS_API tcs_status tcs_encode_tile_d(const tcs_bundle* bundle, const tcs_tile* tile,
                                     const int8_t* z_hat, const float* d, uint8_t** payload,
                                     size_t* size);

/* The same with whole numbers r (M, height, width). */
TCS_API tcs_status tcs_encode_tile_r(const tcs_bundle* bundle, const tcs_tile* tile,
                                     const int8_t* z_hat, const int16_t* r, uint8_t** payload,
                                     size_t* size);

/* Fills z_hat (C_z, hz, wz) and r (M, height, width). */
TCS_API tcs_status tcs_decode_tile(const tcs_bundle* bundle, const tcs_tile* tile,
                                   const uint8_t* payload, size_t size, int8_t* z_hat, int16_t* r);

/* Factors that undo the gain: (M,) without a roi, (M, height, width) with one. */
TCS_API tcs_status tcs_inverse_gain(const tcs_bundle* bundle, const tcs_tile* tile, float* gains);

/* ---- Container ------------------------------------------------------------------------------ */

enum {
    TCS_CHUNK_TILE = 0x01,
    TCS_CHUNK_NEEDED_TEXT = 0x03,
    TCS_CHUNK_LAYER = 0x04,
    TCS_CHUNK_QUALITY_MAP = 0x05,
    TCS_CHUNK_ICC = 0x81,
    TCS_CHUNK_EXIF = 0x82,
    TCS_CHUNK_USER = 0x83,
    TCS_CHUNK_SIZE = 0x84, /* in streams before 0.4 only */
    TCS_CHUNK_TEXT = 0x85
};

typedef struct tcs_header {
    uint32_t width;        /* as coded, 1..65535 pixels */
    uint32_t height;       /* 1..65535 pixels */
    uint32_t shown_width;  /* no less than width; for tcs_write, both 0: as coded */
    uint32_t shown_height; /* no less than height */
    uint32_t bundle_hash;  /* first four bytes of the bundle's SHA-256, little endian; bare and
                              small: 0 */
    uint32_t tile;         /* tile side in pixels, a multiple of 64 up to 16320; usually 512 */
    uint16_t wire_id;
    uint8_t quality;       /* 0..63 */
    uint8_t bare;          /* 1: no checksums, no metadata */
    uint8_t layered;       /* 1: a base layer follows the tiles of the first one */
    uint8_t small;         /* 1: the small profile, whose one check covers the bundle's hash too */
    uint16_t bundle_check; /* of a small stream: tcs_bundle_check() of its bundle. After
                              tcs_parse, another value than that of the bundle at hand says that
                              the stream is damaged or of another bundle */
    uint8_t version_major; /* set by tcs_parse, ignored by tcs_write */
    uint8_t version_minor;
} tcs_header;

/* What is wrong with a chunk; stray and moved come with TCS_PARSE_LENIENT alone. */
enum {
    TCS_FAULT_NONE = 0,
    TCS_FAULT_DAMAGED = 1, /* its check fails: damaged, or of another stream */
    TCS_FAULT_STRAY = 2,   /* sound, but its place is taken, or nothing there asks for it */
    TCS_FAULT_MOVED = 3,   /* sound and to be used, but not where it should stand */
    TCS_FAULT_MAPLESS = 4  /* a sound tile whose quality map is damaged or missing */
};

/* A chunk found in a stream; its payload is stream[offset .. offset + length). */
typedef struct tcs_chunk {
    size_t offset;
    size_t length;
    uint32_t tile; /* of a tile or its quality map, in raster order; 0 of all others */
    uint8_t type;
    uint8_t fault; /* TCS_FAULT_...; of a damaged chunk all but its extent is a guess */
    uint8_t base;  /* 1: of the base layer */
} tcs_chunk;

/* A chunk to be written. */
typedef struct tcs_chunk_data {
    const uint8_t* data;
    size_t size;
    uint8_t type;
} tcs_chunk_data;

/* Options of tcs_parse, to be added up. */
enum {
    TCS_PARSE_LENIENT = 1,    /* finds what can be found behind the header */
    TCS_PARSE_FIRST_LAYER = 2 /* a base layer and what follows it are not looked at */
};

/* Reads the structure of a stream; each chunk says to which tile it belongs. Chunks whose check
 * fails are marked, not refused. With TCS_PARSE_LENIENT all that can be told of a damaged stream
 * comes back, each chunk with its fault; only TCS_ERROR_TRAILING and TCS_ERROR_UNSUPPORTED_CHUNK
 * can then follow a sound header. Where no chunk has a fault and none is missing, a parse without
 * it accepts the stream as well. In streams before 0.4, chunks behind a damaged one come back only
 * if the stream, or its first layer, adds up. The chunks go to tcs_free(). */
TCS_API tcs_status tcs_parse(const uint8_t* data, size_t size, uint32_t options, tcs_header* header,
                             tcs_chunk** chunks, size_t* count);

/* Writes a stream from chunks in stream order: ancillary ones, then per tile [map,] tile; if
 * layered, then the layer chunk and the tiles of the base layer. The stream goes to tcs_free(). */
TCS_API tcs_status tcs_write(const tcs_header* header, const tcs_chunk_data* chunks, size_t count,
                             uint8_t** stream, size_t* size);

/* What a layer chunk says of the base layer behind it. */
typedef struct tcs_layer {
    uint32_t bundle_hash; /* as tcs_header.bundle_hash */
    uint16_t wire_id;
    uint8_t quality;   /* 0..63 */
    uint8_t threshold; /* of the text layer's activity, for blending: docs/use/layers.md */
} tcs_layer;

enum { TCS_LAYER_BYTES = 8 };

/* Fills the payload of a layer chunk. */
TCS_API tcs_status tcs_write_layer(const tcs_layer* layer, uint8_t payload[TCS_LAYER_BYTES]);

/* Reads the payload of a layer chunk. */
TCS_API tcs_status tcs_read_layer(const uint8_t* payload, size_t size, tcs_layer* layer);

/* Codes the (height, width) step offsets of a tile's y grid. The data go to tcs_free(). */
TCS_API tcs_status tcs_encode_quality_map(const int8_t* roi, int32_t height, int32_t width,
                                          uint8_t** data, size_t* size);

/* Fills roi (height, width). */
TCS_API tcs_status tcs_decode_quality_map(const uint8_t* data, size_t size, int32_t height,
                                          int32_t width, int8_t* roi);

/* ---- Text that is sent ---------------------------------------------------------------------- */

/* States of a line. */
enum {
    TCS_LINE_NONE = 0,
    TCS_LINE_VERIFIED = 1, /* it is read in the picture as in the original */
    TCS_LINE_DOUBTFUL = 2, /* it is not: what is seen there is not to be relied on */
    TCS_LINE_SENT = 3      /* its string is what was read or known, whatever is seen */
};

/* A rotated rectangle on the format's grid: its left side's middle at (4 x, 4 y) pixels of the
 * coded picture, 2^(height / 3) pixels high and 2^(length / 3) long, turned clockwise. */
typedef struct tcs_place {
    int32_t x;
    int32_t y;
    int32_t height; /* 0..50 */
    int32_t length; /* 0..50 */
    int32_t angle;  /* 0..255, in 256ths of a turn; in steps of 4 for short lines, 2, or 1 */
} tcs_place;

typedef struct tcs_text_line {
    const char* string; /* UTF-8 of `length` bytes, or null: a line without a string */
    size_t length;
    tcs_place place; /* zeros if not placed */
    uint8_t placed;
    uint8_t state;      /* TCS_LINE_... */
    uint8_t confidence; /* 0..7, of the string; 0 without one */
} tcs_text_line;

/* Codes lines as the payload of a text chunk. `verified`: every line of the picture that is not
 * among them is read in it as in the original. The data go to tcs_free(). */
TCS_API tcs_status tcs_encode_text(uint8_t verified, const tcs_text_line* lines, size_t count,
                                   uint8_t** data, size_t* size);

/* Reads the payload of a text chunk. One array holds lines and strings, each with a zero behind
 * it; it goes to tcs_free(), null if there are no lines. */
TCS_API tcs_status tcs_decode_text(const uint8_t* data, size_t size, uint8_t* verified,
                                   tcs_text_line** lines, size_t* count);

/* The place nearest to four corners (x, y), clockwise from the top left of the text, in pixels of
 * the coded picture; and the corners of a place. */
TCS_API tcs_status tcs_place_of(const double corners[8], tcs_place* place);
TCS_API tcs_status tcs_corners_of(const tcs_place* place, double corners[8]);

/* ---- Packets -------------------------------------------------------------------------------- */

/* Packets in one array, one behind the other: the packet n is bytes[offsets[n] .. offsets[n + 1]).
 * Both go to tcs_free(). */
typedef struct tcs_packets {
    uint8_t* bytes;
    size_t* offsets; /* (count + 1,) */
    size_t count;
} tcs_packets;

/* Cuts a message, mostly a stream, into packets of at most `payload` bytes, headers included: those
 * of data in order, then `parity` more; any of them, as many as there are of data, give it back.
 * With a preview (a stream that is useful alone; null for none) the first packet holds that whole.
 * docs/reference/packets.md has the bytes. */
TCS_API tcs_status tcs_split(const uint8_t* message, size_t size, size_t payload, size_t parity,
                             const uint8_t* preview, size_t preview_size, tcs_packets* packets);

/* Data packets that a message of `size` bytes takes. */
TCS_API tcs_status tcs_data_packets(size_t size, size_t payload, size_t parity, size_t* data);

/* The fewest parity packets with which a share `delivery` of messages of `data` packets arrives
 * whole where each packet is lost with the chance `loss`. */
TCS_API tcs_status tcs_parity_for(size_t data, double delivery, double loss, size_t* parity);

typedef struct tcs_joiner tcs_joiner;

/* What became of a packet. */
enum {
    TCS_PACKET_WHOLE = 0,     /* its message is complete */
    TCS_PACKET_ADDED = 1,     /* its message lacks others */
    TCS_PACKET_DUPLICATE = 2, /* it was here already */
    TCS_PACKET_LATE = 3,      /* its message was complete already */
    TCS_PACKET_MIXED = 4      /* with it a message would be complete and is none: another one's */
};

typedef struct tcs_joined {
    uint8_t* message; /* whole; else what is here without a gap from its start. tcs_free() */
    size_t size;
    uint8_t* preview; /* null where there is none, or its packet is not here. tcs_free() */
    size_t preview_size;
    size_t held;    /* packets of the message that are here */
    size_t data;    /* packets that it takes */
    uint8_t fate;   /* TCS_PACKET_... */
    uint8_t number; /* of the message */
} tcs_joined;

/* Joins packets in any order, of several senders and messages at once; keeps at most `messages`
 * messages and `bytes` bytes of them. Not to be shared between threads. */
TCS_API tcs_status tcs_joiner_open(size_t messages, size_t bytes, tcs_joiner** joiner);

/* Releases a joiner; null is allowed. */
TCS_API void tcs_joiner_close(tcs_joiner* joiner);

/* Takes a packet of a sender, any bytes by which the caller tells senders apart. */
TCS_API tcs_status tcs_joiner_add(tcs_joiner* joiner, const uint8_t* packet, size_t size,
                                  const uint8_t* sender, size_t sender_size, tcs_joined* joined);

/* ---- Packed weights ------------------------------------------------------------------------- */

enum { TCS_MAX_DIMENSIONS = 8 };

/* A tensor unpacked from a file of docs/reference/packed-weights.md. */
typedef struct tcs_weight {
    const char* name;      /* of the graph's initializer */
    const int8_t* weights; /* row-major, aligned to 64 bytes */
    size_t count;          /* product of the sides */
    size_t dimensions;     /* 1..8 */
    int64_t shape[TCS_MAX_DIMENSIONS];
} tcs_weight;

/* Unpacks the tensors that an ONNX graph refers to: initializers whose external location is
 * `location`, the packed file's name. A null `graph` stands for all tensors of the file. One
 * array holds names and weights too; it goes to tcs_free(), null if there are none. */
TCS_API tcs_status tcs_unpack_weights(const uint8_t* data, size_t size, const uint8_t* graph,
                                      size_t graph_size, const char* location, tcs_weight** tensors,
                                      size_t* count);

/* ---- Packed nets and whole pictures --------------------------------------------------------- */

typedef struct tcs_net tcs_net;

/* Reads the bytes of a `.tcsn` (docs/reference/net.md) and proves that its sums fit. A net may be
 * shared between threads. */
TCS_API tcs_status tcs_net_open(const uint8_t* data, size_t size, tcs_net** net);

/* Lets 1..64 threads share the net's part of each tcs_encode or tcs_decode, 1 if not called: the
 * results are the same. Not while the net is in use. */
TCS_API tcs_status tcs_net_set_threads(tcs_net* net, int32_t threads);

/* Releases a net; null is allowed. */
TCS_API void tcs_net_close(tcs_net* net);

/* A picture as coded, and the size in which it wants to be shown: scaling is the caller's. */
typedef struct tcs_picture {
    int32_t width;
    int32_t height;
    int32_t shown_width;
    int32_t shown_height;
    uint8_t* pixels; /* (height, width, 3) RGB; tcs_free() */
} tcs_picture;

/* Decodes a stream of the bundle's model by the model's synthesis net, whole or not at all; of a
 * layered stream the first layer. Any bytes are safe. */
TCS_API tcs_status tcs_decode(const tcs_bundle* bundle, const tcs_net* synthesis,
                              const uint8_t* data, size_t size, tcs_picture* picture);

/* Codes pixels (height, width, 3) RGB at a quality 0..63, without a quality map. The stream goes to
 * tcs_free(). */
TCS_API tcs_status tcs_encode(const tcs_bundle* bundle, const tcs_net* analysis,
                              const uint8_t* pixels, int32_t width, int32_t height, int32_t quality,
                              uint8_t** stream, size_t* size);

#ifdef __cplusplus
}
#endif

#endif /* TCS_TCS_H */
