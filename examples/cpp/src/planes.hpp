// Dense planes (channels, height, width), row-major: pictures' tensors, latents, gains.
#pragma once

#include <cstddef>
#include <vector>

namespace example {

template <typename T>
struct Planes {
    int channels = 0;
    int height = 0;
    int width = 0;
    std::vector<T> values;  // INVARIANT: channels * height * width of them

    Planes() = default;
    Planes(int c, int h, int w, T value = T{})
        : channels(c),
          height(h),
          width(w),
          values(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
                     static_cast<std::size_t>(w),
                 value) {}

    T* row(int c, int y) { return values.data() + offset(c, y); }
    const T* row(int c, int y) const { return values.data() + offset(c, y); }

private:
    std::size_t offset(int c, int y) const {
        return (static_cast<std::size_t>(c) * static_cast<std::size_t>(height) +
                static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(width);
    }
};

}  // namespace example
