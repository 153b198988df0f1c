#include "tcs/simd.hpp"

#include <cstdlib>

#include "avx2.hpp"
#include "neon.hpp"
#include "ops.hpp"
#include "simd128.hpp"
#include "tcs/status.hpp"
#include "vnni.hpp"

namespace tcs {
namespace {

#if defined(__x86_64__)
const Ops kAvx2Ops = {"avx2",
                      avx2::decode,
                      avx2::layer,
                      avx2::select,
                      avx2::quantise,
                      avx2::pack,
                      avx2::unpack,
                      avx2::unpack_fields,
                      0,
                      2,
                      1,
                      nullptr,
                      avx2::wide_dots,
                      avx2::taps,
                      avx2::wide_taps,
                      avx2::finish,
                      avx2::wide_finish};
// Dot products and depthwise sums of bytes by AVX-512 VNNI.
const Ops kVnniOps = {"vnni",
                      avx2::decode,
                      avx2::layer,
                      avx2::select,
                      avx2::quantise,
                      avx2::pack,
                      avx2::unpack,
                      avx2::unpack_fields,
                      4,
                      2,
                      4,
                      vnni::dots,
                      vnni::wide_dots,
                      vnni::taps,
                      avx2::wide_taps,
                      avx2::finish,
                      avx2::wide_finish};
#elif defined(__aarch64__)
const Ops kNeonOps = {"neon",
                      neon::decode,
                      neon::layer,
                      neon::select,
                      neon::quantise,
                      neon::pack,
                      neon::unpack,
                      neon::unpack_fields,
                      0,
                      1,
                      1,
                      nullptr,
                      neon::wide_dots,
                      neon::taps,
                      neon::wide_taps,
                      neon::finish,
                      neon::wide_finish};
#elif defined(__wasm_simd128__)
// The sums of nets; the entropy coder's loops are the plain ones.
const Ops kSimd128Ops = [] {
    Ops made = kGenericOps;
    made.name = "simd128";
    made.wide_group = 2;
    made.wide_dots = simd128::wide_dots;
    made.taps = simd128::taps;
    made.wide_taps = simd128::wide_taps;
    made.finish = simd128::finish;
    made.wide_finish = simd128::wide_finish;
    return made;
}();
#endif

std::vector<const Ops*> supported() {
    std::vector<const Ops*> tables = {&kGenericOps};
#if defined(__x86_64__)
    __builtin_cpu_init();
    // What -mavx2 -mbmi2 let the compiler use (popcnt comes with both).
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt"))
        tables.push_back(&kAvx2Ops);
    if (tables.back() == &kAvx2Ops && __builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        tables.push_back(&kVnniOps);
#elif defined(__aarch64__)
    tables.push_back(&kNeonOps);  // part of every AArch64 processor
#elif defined(__wasm_simd128__)
    tables.push_back(&kSimd128Ops);  // the whole module needs it
#endif
    return tables;
}

const Ops& choose() {
    const std::vector<const Ops*> tables = supported();
    const char* wanted = std::getenv("TCSDK_SIMD");
    if (wanted == nullptr || *wanted == '\0') return *tables.back();
    std::string names;
    for (const Ops* table : tables) {
        if (std::string(table->name) == wanted) return *table;
        names += (names.empty() ? "" : ", ") + std::string(table->name);
    }
    throw Error(ErrorCode::argument, "TCSDK_SIMD: expected one of " + names +
                                         " on this machine, got '" + wanted +
                                         "'; correct the environment variable or unset it");
}

}  // namespace

const Ops& ops() {
    static const Ops& chosen = choose();
    return chosen;
}

std::string simd_name() {
    return ops().name;
}

std::vector<std::string> simd_targets() {
    std::vector<std::string> names;
    for (const Ops* table : supported())
        names.emplace_back(table->name);
    return names;
}

}  // namespace tcs
