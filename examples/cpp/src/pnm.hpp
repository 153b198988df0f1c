// Pictures as PGM and PPM files (netpbm's pgm(5) and ppm(5)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files.hpp"

namespace example {

struct Picture {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;  // (height, width, 3) RGB
};

// P2, P3, P5 or P6; gray becomes RGB, other maxima than 255 are scaled to it, to nearest. Of
// several pictures in a file the first counts. `name` begins the message of an Error.
Picture read_pnm(const std::string& name, const Bytes& data);

// P6 with maximum 255.
Bytes write_ppm(const Picture& picture);

}  // namespace example
