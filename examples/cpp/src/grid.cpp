#include "grid.hpp"

#include <algorithm>

namespace example {

Box Box::overlap(const Box& other) const {
    const int left = std::max(x, other.x);
    const int top = std::max(y, other.y);
    return {left, top, std::max(0, std::min(right(), other.right()) - left),
            std::max(0, std::min(bottom(), other.bottom()) - top)};
}

Box Box::grown(int margin, const Box& bounds) const {
    const Box larger{x - margin, y - margin, width + 2 * margin, height + 2 * margin};
    return larger.overlap(bounds);
}

Box Box::on_grid(int stride) const {
    return {x / stride, y / stride, ceil_div(width, stride), ceil_div(height, stride)};
}

Box TileGrid::tile(int index) const {
    const Box cell{index % columns() * side, index / columns() * side, side, side};
    return cell.overlap(picture());
}

std::vector<int> TileGrid::around(int index, int halo) const {
    const Box area = tile(index).grown(halo, picture());
    std::vector<int> tiles;
    for (int row = area.y / side; row < ceil_div(area.bottom(), side); ++row) {
        for (int column = area.x / side; column < ceil_div(area.right(), side); ++column) {
            tiles.push_back(row * columns() + column);
        }
    }
    return tiles;
}

}  // namespace example
