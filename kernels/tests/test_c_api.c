/* Uses libtcs as a C program would: a tile and a stream there and back, and what must be refused.
 *
 *   test_c_api CASE_FOLDER     a golden tile case without a quality map
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcs/tcs.h"

static int failures = 0;

#define EXPECT(condition)                                                                  \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("line %d: expected %s (%s)\n", __LINE__, #condition, tcs_last_error()); \
            ++failures;                                                                    \
        }                                                                                  \
    } while (0)

static uint8_t* read_file(const char* folder, const char* name, size_t* size) {
    char path[4096];
    FILE* file;
    uint8_t* data = malloc((1 << 20) + 1);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || data == NULL) {
        printf("%s cannot be read\n", path);
        exit(1);
    }
    *size = fread(data, 1, 1 << 20, file);
    fclose(file);
    return data;
}

static int read_key(const char* folder, const char* key) {
    size_t size;
    char* text = (char*)read_file(folder, "case.txt", &size);
    char* found;
    int value;
    text[size] = '\0';
    found = strstr(text, key);
    if (found == NULL) exit(1);
    value = atoi(found + strlen(key) + 1);
    free(text);
    return value;
}

static void check_stream(const tcs_bundle_info* info, const uint8_t* payload, size_t size) {
    const uint8_t note[] = {'h', 'i'};
    tcs_chunk_data items[2];
    tcs_header header, parsed;
    tcs_chunk* chunks = NULL;
    uint8_t* stream = NULL;
    size_t stream_size = 0, count = 0;
    memset(&header, 0, sizeof header);
    header.width = 512;
    header.height = 256;
    header.tile = 512;
    header.quality = 20;
    header.wire_id = info->wire_id;
    header.bundle_hash = info->short_hash;
    items[0].data = note;
    items[0].size = sizeof note;
    items[0].type = TCS_CHUNK_USER;
    items[1].data = payload;
    items[1].size = size;
    items[1].type = TCS_CHUNK_TILE;
    EXPECT(tcs_write(&header, items, 2, &stream, &stream_size) == TCS_OK);
    EXPECT(tcs_parse(stream, stream_size, 0, &parsed, &chunks, &count) == TCS_OK);
    EXPECT(count == 2 && chunks[0].type == TCS_CHUNK_USER && chunks[1].fault == TCS_FAULT_NONE);
    EXPECT(memcmp(stream + chunks[1].offset, payload, size) == 0);
    EXPECT(parsed.shown_width == 512 && parsed.shown_height == 256);
    EXPECT(parsed.width == 512 && parsed.bundle_hash == info->short_hash && parsed.bare == 0);
    EXPECT(parsed.version_major == 0 && parsed.version_minor == 4);
    tcs_free(chunks);

    EXPECT(tcs_parse(stream, stream_size - 1, 0, &parsed, &chunks, &count) == TCS_ERROR_TRUNCATED);
    EXPECT(strstr(tcs_last_error(), "tile 0 needs") != NULL);
    EXPECT(tcs_parse(stream, stream_size - 1, 1, &parsed, &chunks, &count) == TCS_OK && count == 1);
    tcs_free(chunks);
    EXPECT(tcs_parse(stream, 19, 1, &parsed, &chunks, &count) == TCS_OK && count == 0);
    EXPECT(chunks == NULL);
    stream[0] = 'P';
    EXPECT(tcs_parse(stream, stream_size, 0, &parsed, &chunks, &count) == TCS_ERROR_NOT_TCS);
    tcs_free(stream);

    header.width = 513;
    EXPECT(tcs_write(&header, items, 2, &stream, &stream_size) == TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "expected 2 tiles, came 1") != NULL);
    EXPECT(tcs_write(&header, NULL, 2, &stream, &stream_size) == TCS_ERROR_ARGUMENT);
}

static void check_small(const tcs_bundle_info* info, const uint8_t* payload, size_t size) {
    tcs_chunk_data item;
    tcs_header header, parsed;
    tcs_chunk* chunks = NULL;
    uint8_t* stream = NULL;
    size_t stream_size = 0, count = 0;
    memset(&header, 0, sizeof header);
    memset(&item, 0, sizeof item);
    header.width = 512;
    header.height = 256;
    header.tile = 512;
    header.quality = 20;
    header.wire_id = 0xF0F3;
    header.small = 1;
    header.bundle_check = tcs_bundle_check(info->short_hash);
    item.data = payload;
    item.size = size;
    item.type = TCS_CHUNK_TILE;
    EXPECT(tcs_write(&header, &item, 1, &stream, &stream_size) == TCS_OK);
    EXPECT(stream_size == size + 7);
    EXPECT(tcs_parse(stream, stream_size, 0, &parsed, &chunks, &count) == TCS_OK && count == 1);
    EXPECT(parsed.small == 1 && parsed.bundle_hash == 0 && parsed.wire_id == 0xF0F3);
    EXPECT(parsed.bundle_check == header.bundle_check);
    tcs_free(chunks);
    stream[stream_size - 1] ^= 1;
    EXPECT(tcs_parse(stream, stream_size, 0, &parsed, &chunks, &count) == TCS_OK);
    EXPECT(parsed.bundle_check != header.bundle_check);
    tcs_free(chunks);
    tcs_free(stream);
    header.wire_id = 0xFFF0;
    EXPECT(tcs_write(&header, &item, 1, &stream, &stream_size) == TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "0xF0F0") != NULL);
}

/* Cuts, loses packet 1 of 4, joins from the last to the first. */
static void check_packets(void) {
    uint8_t message[500];
    tcs_packets packets;
    tcs_joiner* joiner = NULL;
    tcs_joined joined;
    size_t n, data = 0, parity = 0;
    for (n = 0; n < sizeof message; ++n)
        message[n] = (uint8_t)(n * n % 191 + 1);
    EXPECT(tcs_data_packets(sizeof message, 222, 1, &data) == TCS_OK && data == 3);
    EXPECT(tcs_parity_for(3, 0.99, 0.2, &parity) == TCS_OK && parity == 4);
    EXPECT(tcs_split(message, sizeof message, 222, 1, NULL, 0, &packets) == TCS_OK);
    EXPECT(packets.count == 4 && packets.offsets[0] == 0);
    EXPECT(tcs_joiner_open(8, 1 << 16, &joiner) == TCS_OK);
    for (n = 4; n-- > 0;) {
        const size_t size = packets.offsets[n + 1] - packets.offsets[n];
        const uint8_t* packet = packets.bytes + packets.offsets[n];
        EXPECT(size <= 222);
        if (n == 1) continue;
        EXPECT(tcs_joiner_add(joiner, packet, size, (const uint8_t*)"a", 1, &joined) == TCS_OK);
        EXPECT(joined.fate == (n == 0 ? TCS_PACKET_WHOLE : TCS_PACKET_ADDED));
        EXPECT(joined.data == 3 && joined.preview == NULL);
        if (n == 0) EXPECT(joined.size == sizeof message);
        if (n == 0) EXPECT(memcmp(joined.message, message, joined.size) == 0);
        tcs_free(joined.message);
    }
    EXPECT(tcs_joiner_add(joiner, message, 2, NULL, 0, &joined) == TCS_ERROR_TRUNCATED);
    EXPECT(tcs_joiner_add(NULL, message, 9, NULL, 0, &joined) == TCS_ERROR_ARGUMENT);
    tcs_joiner_close(joiner);
    tcs_joiner_close(NULL);
    tcs_free(packets.bytes);
    tcs_free(packets.offsets);
    EXPECT(tcs_split(message, 0, 222, 1, NULL, 0, &packets) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_parity_for(3, 1.5, 0.2, &parity) == TCS_ERROR_ARGUMENT);
}

static void check_tile(const tcs_bundle* bundle, const tcs_bundle_info* info, const char* folder) {
    tcs_tile tile = tcs_tile_default(read_key(folder, "height"), read_key(folder, "width"),
                                     read_key(folder, "quality"));
    size_t z_size, r_bytes, expected_size, size = 0, index_bytes;
    int8_t* z_hat = (int8_t*)read_file(folder, "z_hat.bin", &z_size);
    int16_t* r = (int16_t*)read_file(folder, "r.bin", &r_bytes);
    uint8_t* expected = read_file(folder, "payload.bin", &expected_size);
    int16_t* indexes = (int16_t*)read_file(folder, "indexes.bin", &index_bytes);
    int8_t* z_back = malloc(z_size);
    int16_t* r_back = malloc(r_bytes);
    float* gains = malloc((size_t)info->latent * sizeof(float));
    uint8_t* payload = NULL;
    tile.skip = read_key(folder, "skip");
    tile.lanes = read_key(folder, "lanes");

    EXPECT(tcs_encode_tile_r(bundle, &tile, z_hat, r, &payload, &size) == TCS_OK);
    EXPECT(size == expected_size && memcmp(payload, expected, size) == 0);
    EXPECT(tcs_decode_tile(bundle, &tile, payload, size, z_back, r_back) == TCS_OK);
    EXPECT(memcmp(z_back, z_hat, z_size) == 0 && memcmp(r_back, r, r_bytes) == 0);
    EXPECT(tcs_scale_indexes(bundle, z_hat, read_key(folder, "level"), tile.height, tile.width,
                             r_back) == TCS_OK);
    EXPECT(memcmp(r_back, indexes, index_bytes) == 0);
    EXPECT(tcs_inverse_gain(bundle, &tile, gains) == TCS_OK);
    EXPECT(gains[0] == info->inverse_of_step[info->steps[tile.quality * info->latent] + 128]);
    check_stream(info, payload, size);
    check_small(info, payload, size);

    payload[0] |= 3; /* the reserved lane code */
    EXPECT(tcs_decode_tile(bundle, &tile, payload, size, z_back, r_back) == TCS_ERROR_CORRUPT);
    EXPECT(tcs_decode_tile(bundle, &tile, NULL, 0, z_back, r_back) == TCS_ERROR_CORRUPT);
    EXPECT(tcs_decode_tile(bundle, NULL, payload, size, z_back, r_back) == TCS_ERROR_ARGUMENT);
    tcs_free(payload);
    tile.height = 1021;
    EXPECT(tcs_encode_tile_r(bundle, &tile, z_hat, r, &payload, &size) == TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "1021 x") != NULL);
    free(gains);
    free(z_back);
    free(r_back);
    free(z_hat);
    free(r);
    free(expected);
    free(indexes);
}

static void check_layers(const uint8_t* payload, size_t size) {
    const tcs_layer layer = {0x04030201, 2, 33, 7};
    const uint8_t expected[TCS_LAYER_BYTES] = {33, 7, 2, 0, 1, 2, 3, 4};
    uint8_t bytes[TCS_LAYER_BYTES];
    tcs_chunk_data items[3];
    tcs_layer back = {0, 0, 64, 0};
    tcs_header header;
    tcs_chunk* chunks = NULL;
    uint8_t* stream = NULL;
    size_t stream_size = 0, count = 0;
    EXPECT(tcs_write_layer(&back, bytes) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_write_layer(&layer, bytes) == TCS_OK);
    EXPECT(memcmp(bytes, expected, sizeof expected) == 0);
    EXPECT(tcs_read_layer(bytes, 7, &back) == TCS_ERROR_TRUNCATED);
    EXPECT(tcs_read_layer(bytes, sizeof bytes, &back) == TCS_OK);
    EXPECT(back.quality == 33 && back.threshold == 7 && back.wire_id == 2);
    EXPECT(back.bundle_hash == layer.bundle_hash);

    memset(&header, 0, sizeof header);
    header.width = header.height = 16;
    header.tile = 512;
    header.layered = 1;
    items[0].type = items[2].type = TCS_CHUNK_TILE;
    items[0].data = items[2].data = payload;
    items[0].size = items[2].size = size;
    items[1].type = TCS_CHUNK_LAYER;
    items[1].data = bytes;
    items[1].size = sizeof bytes;
    EXPECT(tcs_write(&header, items, 2, &stream, &stream_size) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_write(&header, items, 3, &stream, &stream_size) == TCS_OK);
    EXPECT(tcs_parse(stream, stream_size, 0, &header, &chunks, &count) == TCS_OK);
    EXPECT(count == 3 && header.layered == 1 && chunks[2].base == 1 && chunks[2].tile == 0);
    tcs_free(chunks);
    EXPECT(tcs_parse(stream, stream_size - 1, 0, &header, &chunks, &count) == TCS_ERROR_TRUNCATED);
    EXPECT(tcs_parse(stream, stream_size - 1, TCS_PARSE_FIRST_LAYER, &header, &chunks, &count) ==
           TCS_OK);
    EXPECT(count == 1);
    tcs_free(chunks);
    EXPECT(tcs_parse(stream, stream_size - 1, TCS_PARSE_LENIENT, &header, &chunks, &count) ==
           TCS_OK);
    EXPECT(count == 2);
    tcs_free(chunks);
    tcs_free(stream);
}

static void check_quality_map(void) {
    const int8_t roi[6] = {0, 0, 0, 5, 5, -1};
    const uint8_t runs[3] = {28, 152, 43};
    int8_t back[6];
    uint8_t* data = NULL;
    size_t size = 0;
    EXPECT(tcs_encode_quality_map(roi, 2, 3, &data, &size) == TCS_OK);
    EXPECT(size == sizeof runs && memcmp(data, runs, sizeof runs) == 0);
    EXPECT(tcs_decode_quality_map(data, size, 2, 3, back) == TCS_OK);
    EXPECT(memcmp(back, roi, sizeof roi) == 0);
    EXPECT(tcs_decode_quality_map(data, size - 1, 2, 3, back) == TCS_ERROR_TRUNCATED);
    EXPECT(tcs_decode_quality_map(data, size, 1, 5, back) == TCS_ERROR_CORRUPT);
    EXPECT(tcs_encode_quality_map(roi, 0, 3, &data, &size) == TCS_ERROR_ARGUMENT);
    tcs_free(data);
}

static void check_text(void) {
    const double corners[8] = {300, 200, 420, 200, 420, 230, 300, 230};
    tcs_text_line given[2], *lines = NULL;
    double back[8];
    uint8_t verified = 0, *data = NULL;
    size_t size = 0, count = 0;
    memset(given, 0, sizeof given);
    EXPECT(tcs_place_of(corners, &given[0].place) == TCS_OK);  // about its middle: 128 x 32 pixels
    EXPECT(given[0].place.x == 74 && given[0].place.y == 54 && given[0].place.angle == 0);
    given[0].placed = 1;
    given[0].state = TCS_LINE_SENT;
    given[0].confidence = 7;
    given[0].string = "00073810";
    given[0].length = 8;
    given[1].state = TCS_LINE_DOUBTFUL;
    EXPECT(tcs_encode_text(1, given, 2, &data, &size) == TCS_OK);
    EXPECT(tcs_decode_text(data, size, &verified, &lines, &count) == TCS_OK);
    EXPECT(verified == 1 && count == 2 && strcmp(lines[0].string, "00073810") == 0);
    EXPECT(lines[0].length == 8 && lines[0].confidence == 7 && lines[1].string == NULL);
    EXPECT(lines[1].placed == 0 && lines[1].state == TCS_LINE_DOUBTFUL);
    EXPECT(tcs_corners_of(&lines[0].place, back) == TCS_OK && back[0] == 296);
    tcs_free(lines);
    EXPECT(tcs_decode_text(data, size - 1, &verified, &lines, &count) == TCS_ERROR_CORRUPT);
    EXPECT(tcs_decode_text(NULL, 0, &verified, &lines, &count) == TCS_ERROR_CORRUPT);
    tcs_free(data);
    EXPECT(tcs_encode_text(1, NULL, 0, &data, &size) == TCS_OK && size == 1);
    EXPECT(tcs_decode_text(data, size, &verified, &lines, &count) == TCS_OK);
    EXPECT(lines == NULL && count == 0);
    tcs_free(data);
    given[1].confidence = 1; /* of no string */
    EXPECT(tcs_encode_text(1, given, 2, &data, &size) == TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "line 1: confidence") != NULL);
    given[0].string = "\xff";
    given[0].length = 1;
    EXPECT(tcs_encode_text(1, given, 1, &data, &size) == TCS_ERROR_ARGUMENT);
}

static void check_weights(void) {
    /* Tensors `a` of (3, 2) weights of 3 bits and `b` of 2 weights of 8 bits. */
    uint8_t data[] = {0x54, 0x43, 0x53, 0x57, 0x00, 0x01, 0x02, 0x00, 0x01, 0x61, 0x02,
                      0x03, 0x02, 0x03, 0x04, 0x00, 0xf1, 0xf0, 0x00, 0x01, 0x62, 0x01,
                      0x02, 0x08, 0x03, 0x00, 0x80, 0x7f, 0xe4, 0xb2, 0x35, 0x5a};
    /* A model with the one initializer `b`, external in `w.tcsw`. */
    const uint8_t graph[] = {0x3a, 0x21, 0x12, 0x00, 0x2a, 0x1d, 0x08, 0x02, 0x10, 0x03, 0x42, 0x01,
                             0x62, 0x6a, 0x12, 0x0a, 0x08, 0x6c, 0x6f, 0x63, 0x61, 0x74, 0x69, 0x6f,
                             0x6e, 0x12, 0x06, 0x77, 0x2e, 0x74, 0x63, 0x73, 0x77, 0x70, 0x01};
    const int8_t a[] = {1, -2, 3, 0, -1, 1};
    const int8_t b[] = {-128, 127};
    tcs_weight* tensors = NULL;
    size_t count = 0;
    EXPECT(tcs_unpack_weights(data, sizeof data, NULL, 0, NULL, &tensors, &count) == TCS_OK);
    EXPECT(count == 2 && strcmp(tensors[0].name, "a") == 0 && strcmp(tensors[1].name, "b") == 0);
    EXPECT(tensors[0].dimensions == 2 && tensors[0].shape[0] == 3 && tensors[0].shape[1] == 2);
    EXPECT(tensors[0].count == 6 && memcmp(tensors[0].weights, a, sizeof a) == 0);
    EXPECT(tensors[1].count == 2 && memcmp(tensors[1].weights, b, sizeof b) == 0);
    EXPECT((uintptr_t)tensors[1].weights % 64 == 0);
    tcs_free(tensors);
    EXPECT(tcs_unpack_weights(data, sizeof data, graph, sizeof graph, "w.tcsw", &tensors, &count) ==
           TCS_OK);
    EXPECT(count == 1 && strcmp(tensors[0].name, "b") == 0);
    EXPECT(memcmp(tensors[0].weights, b, sizeof b) == 0);
    tcs_free(tensors);
    EXPECT(tcs_unpack_weights(data, sizeof data, graph, sizeof graph, "x", &tensors, &count) ==
           TCS_OK);
    EXPECT(count == 0 && tensors == NULL);
    EXPECT(tcs_unpack_weights(data, sizeof data, graph, sizeof graph - 1, "w.tcsw", &tensors,
                              &count) == TCS_ERROR_WEIGHTS);
    EXPECT(tcs_unpack_weights(data, sizeof data, graph, sizeof graph, NULL, &tensors, &count) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(tcs_unpack_weights(NULL, 0, NULL, 0, NULL, &tensors, &count) == TCS_ERROR_WEIGHTS);
    data[27] ^= 1;
    EXPECT(tcs_unpack_weights(data, sizeof data, NULL, 0, NULL, &tensors, &count) ==
           TCS_ERROR_WEIGHTS);
    EXPECT(strstr(tcs_last_error(), "checksum") != NULL);
    EXPECT(strcmp(tcs_status_name(TCS_ERROR_WEIGHTS), "TCS_ERROR_WEIGHTS") == 0);
}

int main(int argc, char** argv) {
    tcs_bundle* bundle = NULL;
    tcs_bundle_info info;
    const char* simd = NULL;
    size_t size;
    uint8_t* data;
    if (argc != 2) {
        printf("usage: test_c_api CASE_FOLDER\n");
        return 2;
    }
    EXPECT(strcmp(tcs_last_error(), "") == 0);
    if (tcs_simd_name(&simd) != TCS_OK) {
        printf("%s\n", tcs_last_error());
        return 77; /* TCSDK_SIMD names a variant that this processor lacks: skipped */
    }
    EXPECT(strcmp(tcs_version(), TCS_VERSION) == 0);
    EXPECT(tcs_crc32c("123456789", 9, 0) == 0xE3069283u);
    EXPECT(tcs_crc32c("6789", 4, tcs_crc32c("12345", 5, 0)) == 0xE3069283u);
    EXPECT(strcmp(tcs_status_name(TCS_ERROR_LIMIT), "TCS_ERROR_LIMIT") == 0);
    EXPECT(strcmp(tcs_status_name((tcs_status)99), "unknown status") == 0);
    check_quality_map();
    check_packets();
    check_text();
    check_weights();
    check_layers((const uint8_t*)"abc", 3);

    data = read_file(argv[1], "bundle.tcsb", &size);
    EXPECT(tcs_bundle_open(NULL, 0, &bundle) == TCS_ERROR_BUNDLE);
    EXPECT(tcs_bundle_open(data, size - 1, &bundle) == TCS_ERROR_BUNDLE);
    EXPECT(tcs_bundle_open(data, size, NULL) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_bundle_open(data, size, &bundle) == TCS_OK);
    EXPECT(tcs_bundle_describe(bundle, &info) == TCS_OK);
    EXPECT(info.latent == 8 && info.hyper == 4 && info.z_levels == 2 && info.precision == 14);
    EXPECT(info.gain_of_step[128] == 1.0f && info.hash[0] == (info.short_hash & 0xFF));
    check_tile(bundle, &info, argv[1]);
    tcs_bundle_close(bundle);
    tcs_bundle_close(NULL);
    tcs_free(NULL);
    free(data);
    printf("test_c_api, %s: %d failures\n", simd, failures);
    return failures == 0 ? 0 : 1;
}
