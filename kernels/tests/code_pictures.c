/* Codes and decodes pictures by libtcs alone, for benchmarks/studies/packed_nets_equal.py.
 *
 *   code_pictures MODEL_FOLDER FILE...
 *
 * A file has width, height and quality, int32 in this processor's order, then pixels (height, width,
 * 3). FILE.out gets the stream and what it shows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tcs/tcs.h"

static void fail(const char* what) {
    fprintf(stderr, "%s: %s\n", what, tcs_last_error());
    exit(1);
}

static uint8_t* read_file(const char* path, size_t* size) {
    FILE* file = fopen(path, "rb");
    uint8_t* data = NULL;
    long end;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0) fail(path);
    *size = (size_t)end;
    rewind(file);
    data = malloc(*size + 1);
    if (data == NULL || fread(data, 1, *size, file) != *size) fail(path);
    fclose(file);
    return data;
}

static uint8_t* read_in(const char* folder, const char* name, size_t* size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_file(path, size);
}

static tcs_net* open_net(const char* folder, const char* name) {
    size_t size;
    uint8_t* data = read_in(folder, name, &size);
    tcs_net* net = NULL;
    if (tcs_net_open(data, size, &net) != TCS_OK) fail(name);
    free(data);
    return net;
}

static void code(const tcs_bundle* bundle, const tcs_net* analysis, const tcs_net* synthesis,
                 const char* path) {
    char name[4096];
    size_t size, stream_size;
    uint8_t *data = read_file(path, &size), *stream = NULL;
    const int32_t* head = (const int32_t*)(void*)data;
    tcs_picture picture;
    FILE* out;
    if (size < 12 || size != 12 + (size_t)head[0] * (size_t)head[1] * 3) fail(path);
    if (tcs_encode(bundle, analysis, data + 12, head[0], head[1], head[2], &stream,
                   &stream_size) != TCS_OK ||
        tcs_decode(bundle, synthesis, stream, stream_size, &picture) != TCS_OK)
        fail(path);
    snprintf(name, sizeof name, "%s.out", path);
    out = fopen(name, "wb");
    if (out == NULL || fwrite(stream, 1, stream_size, out) != stream_size ||
        fwrite(picture.pixels, 1, size - 12, out) != size - 12 || fclose(out) != 0)
        fail(name);
    tcs_free(stream);
    tcs_free(picture.pixels);
    free(data);
}

int main(int argc, char** argv) {
    const char* simd = NULL;
    size_t size;
    uint8_t* data;
    tcs_bundle* bundle = NULL;
    tcs_net *analysis, *synthesis;
    int i;
    if (argc < 3) {
        fprintf(stderr, "usage: code_pictures MODEL_FOLDER FILE...\n");
        return 2;
    }
    if (tcs_simd_name(&simd) != TCS_OK) fail("TCSDK_SIMD");
    data = read_in(argv[1], "entropy.tcsb", &size);
    if (tcs_bundle_open(data, size, &bundle) != TCS_OK) fail("entropy.tcsb");
    free(data);
    analysis = open_net(argv[1], "analysis.tcsn");
    synthesis = open_net(argv[1], "synthesis.tcsn");
    for (i = 2; i < argc; ++i)
        code(bundle, analysis, synthesis, argv[i]);
    tcs_bundle_close(bundle);
    tcs_net_close(analysis);
    tcs_net_close(synthesis);
    printf("%s\n", simd);
    return 0;
}
