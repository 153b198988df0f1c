/* Codes whole pictures by libtcs alone, as a C program of a device would.
 *
 *   test_pictures GOLDEN_FOLDER MODEL_FOLDER
 *
 * GOLDEN_FOLDER: tests/golden/pictures, made in Python (tests/makers/golden_pictures.py): bytes and
 * pixels must equal them on every processor. MODEL_FOLDER: a codec with packed nets, zoo/tfic.
 */
#include <math.h>
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

enum { MOST_BYTES = 1 << 22 };

static uint8_t* read_file(const char* folder, const char* name, size_t* size) {
    char path[4096];
    FILE* file;
    uint8_t* data = malloc(MOST_BYTES);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || data == NULL) {
        printf("%s cannot be read\n", path);
        exit(1);
    }
    *size = fread(data, 1, MOST_BYTES, file);
    fclose(file);
    return data;
}

typedef struct codec {
    tcs_bundle* bundle;
    tcs_net* analysis;
    tcs_net* synthesis;
} codec;

static tcs_net* open_net(const char* folder, const char* name) {
    size_t size;
    uint8_t* data = read_file(folder, name, &size);
    tcs_net* net = NULL;
    EXPECT(tcs_net_open(data, size, &net) == TCS_OK);
    data[size / 2] ^= 1;
    EXPECT(tcs_net_open(data, size, &(tcs_net*){NULL}) == TCS_ERROR_NET);
    EXPECT(strstr(tcs_last_error(), "checksum") != NULL);
    EXPECT(tcs_net_open(data, size - 1, &(tcs_net*){NULL}) == TCS_ERROR_NET);
    free(data);
    return net;
}

static codec open_codec(const char* folder) {
    codec opened = {NULL, NULL, NULL};
    size_t size;
    uint8_t* data = read_file(folder, "entropy.tcsb", &size);
    EXPECT(tcs_bundle_open(data, size, &opened.bundle) == TCS_OK);
    free(data);
    opened.analysis = open_net(folder, "analysis.tcsn");
    opened.synthesis = open_net(folder, "synthesis.tcsn");
    return opened;
}

static void set_threads(const codec* with, int32_t threads) {
    EXPECT(tcs_net_set_threads(with->analysis, threads) == TCS_OK);
    EXPECT(tcs_net_set_threads(with->synthesis, threads) == TCS_OK);
}

static void close_codec(codec* opened) {
    tcs_bundle_close(opened->bundle);
    tcs_net_close(opened->analysis);
    tcs_net_close(opened->synthesis);
}

/* The picture that golden_pictures.py codes. */
static uint8_t* drawn(int32_t width, int32_t height) {
    uint8_t* pixels = malloc((size_t)width * (size_t)height * 3);
    uint8_t* to = pixels;
    int32_t x, y, c;
    if (pixels == NULL) exit(1);
    for (y = 0; y < height; ++y)
        for (x = 0; x < width; ++x)
            for (c = 0; c < 3; ++c)
                *to++ = (uint8_t)(x * 3 + y * 5 + c * 40 + x * y % 7 * 9);
    return pixels;
}

static void check_golden(const codec* with, const char* folder, const char* name, int32_t width,
                         int32_t height, int32_t quality) {
    char file[64];
    size_t expected_size, pixels_size, size = 0;
    uint8_t *expected, *expected_pixels, *stream = NULL, *pixels = drawn(width, height);
    tcs_picture picture;
    snprintf(file, sizeof file, "%s.tcs", name);
    expected = read_file(folder, file, &expected_size);
    snprintf(file, sizeof file, "%s.rgb", name);
    expected_pixels = read_file(folder, file, &pixels_size);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, width, height, quality, &stream,
                      &size) == TCS_OK);
    EXPECT(size == expected_size && memcmp(stream, expected, size) == 0);
    tcs_free(stream);
    EXPECT(tcs_decode(with->bundle, with->synthesis, expected, expected_size, &picture) == TCS_OK);
    EXPECT(picture.width == width && picture.height == height);
    EXPECT(picture.shown_width == width && picture.shown_height == height);
    EXPECT(pixels_size == (size_t)width * (size_t)height * 3);
    EXPECT(memcmp(picture.pixels, expected_pixels, pixels_size) == 0);
    tcs_free(picture.pixels);
    free(pixels);
    free(expected);
    free(expected_pixels);
}

static void check_refusals(const codec* with) {
    uint8_t* pixels = drawn(100, 70);
    uint8_t* stream = NULL;
    size_t size = 0, cut;
    tcs_picture picture;
    EXPECT(tcs_encode(with->bundle, with->synthesis, pixels, 100, 70, 20, &stream, &size) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "role analysis") != NULL);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, 100, 70, 64, &stream, &size) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, 0, 70, 20, &stream, &size) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, 65535, 65535, 20, &stream, &size) ==
           TCS_ERROR_LIMIT);
    EXPECT(tcs_encode(with->bundle, with->analysis, NULL, 100, 70, 20, &stream, &size) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(tcs_net_set_threads(with->analysis, 0) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_net_set_threads(with->analysis, 65) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, 100, 70, 20, &stream, &size) == TCS_OK);
    EXPECT(tcs_decode(with->bundle, with->analysis, stream, size, &picture) == TCS_ERROR_ARGUMENT);
    EXPECT(tcs_decode(with->bundle, with->synthesis, stream, size, NULL) == TCS_ERROR_ARGUMENT);
    for (cut = 0; cut < size; ++cut) {
        EXPECT(tcs_decode(with->bundle, with->synthesis, stream, cut, &picture) != TCS_OK);
        stream[cut] ^= 1;
        EXPECT(tcs_decode(with->bundle, with->synthesis, stream, size, &picture) != TCS_OK);
        stream[cut] ^= 1;
    }
    EXPECT(tcs_decode(with->bundle, with->synthesis, stream, size, &picture) == TCS_OK);
    tcs_free(picture.pixels);
    tcs_free(stream);
    free(pixels);
}

static double psnr_of(const uint8_t* a, const uint8_t* b, size_t count) {
    double power = 0;
    size_t i;
    for (i = 0; i < count; ++i)
        power += (double)(a[i] - b[i]) * (a[i] - b[i]);
    return 10 * log10(255.0 * 255.0 * (double)count / (power + 1e-9));
}

/* Bars of ink on paper: what the model is for. */
static void check_model(const codec* with, const codec* other) {
    enum { WIDTH = 200, HEIGHT = 130, COUNT = WIDTH * HEIGHT * 3 };
    uint8_t *pixels = malloc(COUNT), *stream = NULL, *shared = NULL;
    size_t size = 0, shared_size = 0;
    tcs_picture picture;
    int i;
    if (pixels == NULL) exit(1);
    for (i = 0; i < COUNT; ++i) {
        const int x = i / 3 % WIDTH, y = i / 3 / WIDTH;
        pixels[i] = (y / 26 % 2 == 1 && x / 20 % 2 == 1) ? 30 : 225;
    }
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, WIDTH, HEIGHT, 40, &stream, &size) ==
           TCS_OK);
    EXPECT(size > 50 && size < COUNT / 20);
    EXPECT(tcs_decode(with->bundle, with->synthesis, stream, size, &picture) == TCS_OK);
    EXPECT(psnr_of(picture.pixels, pixels, COUNT) > 17); /* 10 of a flat grey */
    tcs_free(picture.pixels);
    set_threads(with, 3);
    EXPECT(tcs_encode(with->bundle, with->analysis, pixels, WIDTH, HEIGHT, 40, &shared,
                      &shared_size) == TCS_OK);
    EXPECT(shared_size == size && memcmp(shared, stream, size) == 0);
    EXPECT(tcs_decode(other->bundle, other->synthesis, stream, size, &picture) ==
           TCS_ERROR_BUNDLE_MISMATCH);
    EXPECT(tcs_decode(with->bundle, other->synthesis, stream, size, &picture) ==
           TCS_ERROR_ARGUMENT);
    EXPECT(strstr(tcs_last_error(), "channels as the bundle's") != NULL);
    tcs_free(stream);
    tcs_free(shared);
    free(pixels);
}

int main(int argc, char** argv) {
    const char* simd = NULL;
    codec small, model;
    int32_t threads;
    if (argc != 3) {
        printf("usage: test_pictures GOLDEN_FOLDER MODEL_FOLDER\n");
        return 2;
    }
    if (tcs_simd_name(&simd) != TCS_OK) {
        printf("%s\n", tcs_last_error());
        return 77; /* TCSDK_SIMD names a variant that this processor lacks: skipped */
    }
    small = open_codec(argv[1]);
    model = open_codec(argv[2]);
    for (threads = 1; threads <= 3; threads += 2) {
        set_threads(&small, threads);
        check_golden(&small, argv[1], "one_tile", 100, 70, 60);
        check_golden(&small, argv[1], "two_tiles", 530, 40, 45);
        check_golden(&small, argv[1], "two_rows", 24, 600, 52);
    }
    check_refusals(&small);
    check_model(&model, &small);
    close_codec(&small);
    close_codec(&model);
    printf("test_pictures, %s: %d failures\n", simd, failures);
    return failures == 0 ? 0 : 1;
}
