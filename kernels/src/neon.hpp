// Entry points of the *_neon.cpp files; contracts in ops.hpp.
#pragma once

#include "ops.hpp"

namespace tcs::neon {

void decode(DecoderLanes& lanes, const DecodeJob& job);
void layer(const PackedLayerView& layer);
std::size_t select(const SelectJob& job);
bool quantise(const float* d, const float* gains, float gain, std::size_t count, std::int16_t* r);
std::size_t pack(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                 std::int16_t* out);
std::size_t unpack(const std::int16_t* packed, const std::uint64_t* mask, std::size_t count,
                   std::int16_t* r);
void unpack_fields(const std::uint8_t* packed, int bits, std::size_t count, std::int8_t* values);
void wide_dots(const DotsJob& job);
void taps(const TapsJob& job);
void wide_taps(const TapsJob& job);
void finish(const FinishJob& job, std::uint8_t* out);
void wide_finish(const FinishJob& job, std::int16_t* out);

}  // namespace tcs::neon
