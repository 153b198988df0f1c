// Entry points of the *_avx2.cpp files; contracts in ops.hpp.
#pragma once

#include "ops.hpp"

namespace tcs::avx2 {

void decode(DecoderLanes& lanes, const DecodeJob& job);
void layer(const PackedLayerView& layer);
std::size_t select(const SelectJob& job);
bool quantise(const float* d, const float* gains, float gain, std::size_t count, std::int16_t* r);
std::size_t pack(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                 std::int16_t* out);
std::size_t unpack(const std::int16_t* packed, const std::uint64_t* mask, std::size_t count,
                   std::int16_t* r);
void unpack_fields(const std::uint8_t* packed, int bits, std::size_t count, std::int8_t* values);
void dots(const std::uint8_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
          std::int32_t* sums);
void wide_dots(const std::int16_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
               std::int32_t* sums);
void taps(const std::uint8_t* patch, const std::int8_t* w, std::size_t taps, std::size_t channels,
          std::int32_t* sums);
void requantise(std::int32_t* sums, const std::int32_t* mult, int shift, std::int32_t zero,
                std::size_t count);

}  // namespace tcs::avx2
