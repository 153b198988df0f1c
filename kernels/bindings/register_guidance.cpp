// Guidance. Python sees lines as a list of strings and an array of places, one item a line.
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common.hpp"
#include "tcs/guidance.hpp"

namespace tcs::python {
namespace {

constexpr py::ssize_t kFields = 5;  // of a place
constexpr long long kMaxSide = 65535;

std::shared_ptr<GlyphAtlas> open_atlas(const py::object& data) {
    const ByteView bytes(data, "data");
    return std::make_shared<GlyphAtlas>(parse_atlas(bytes.data(), bytes.size()));
}

py::array_t<std::int32_t> advances(const GlyphAtlas& atlas, const std::u32string& text) {
    py::array_t<std::int32_t> columns(static_cast<py::ssize_t>(text.size()));
    std::transform(text.begin(), text.end(), columns.mutable_data(), [&](char32_t point) {
        return atlas.advance_of(static_cast<std::uint32_t>(point));
    });
    return columns;
}

std::vector<GuidingLine> lines_of(const std::vector<std::string>& strings,
                                  const py::object& places) {
    const auto count = static_cast<py::ssize_t>(strings.size());
    const auto* row = require<std::int32_t>(places, {count, kFields}, "places", "(n, 5)");
    std::vector<GuidingLine> lines;
    for (const std::string& string : strings) {
        GuidingLine line;
        line.place.x = row[0];
        line.place.y = row[1];
        line.place.height = row[2];
        line.place.length = row[3];
        line.place.angle = row[4];
        line.string = string;
        lines.push_back(std::move(line));
        row += kFields;
    }
    return lines;
}

std::int32_t side(long long value, const char* name) {
    return static_cast<std::int32_t>(require_range(value, 1, kMaxSide, name));
}

py::array_t<bool> which_guide(const std::vector<std::string>& strings, const py::object& places,
                              long long width, long long height) {
    const std::vector<GuidingLine> lines = lines_of(strings, places);
    const std::int32_t across = side(width, "width"), down = side(height, "height");
    py::array_t<bool> guiding(static_cast<py::ssize_t>(lines.size()));
    bool* out = guiding.mutable_data();
    for (const GuidingLine& line : lines)
        *out++ = guides(line, across, down);
    return guiding;
}

py::object draw(const GlyphAtlas& atlas, const std::vector<std::string>& strings,
                const py::object& places, long long width, long long height,
                const std::array<long long, 4>& box) {
    const std::vector<GuidingLine> lines = lines_of(strings, places);
    PictureWindow window;
    window.picture_width = side(width, "width");
    window.picture_height = side(height, "height");
    window.x = static_cast<std::int32_t>(require_range(box[0], 0, width - 1, "x"));
    window.y = static_cast<std::int32_t>(require_range(box[1], 0, height - 1, "y"));
    window.width = static_cast<std::int32_t>(require_range(box[2], 1, kMaxSide, "width of box"));
    window.height = static_cast<std::int32_t>(require_range(box[3], 1, kMaxSide, "height of box"));
    py::array_t<std::uint8_t> planes(
        {py::ssize_t{2}, py::ssize_t{window.height}, py::ssize_t{window.width}});
    std::uint8_t* const letters = planes.mutable_data();
    std::uint8_t* const reach =
        letters + static_cast<std::size_t>(window.width) * static_cast<std::size_t>(window.height);
    bool drawn = false;
    {
        const py::gil_scoped_release unlocked;
        drawn = draw_guidance(atlas, lines, window, letters, reach);
    }
    return drawn ? py::object(std::move(planes)) : py::none();
}

}  // namespace

void register_guidance(py::module_& module) {
    py::class_<GlyphAtlas, std::shared_ptr<GlyphAtlas>>(module, "GlyphAtlas")
        .def(py::init(&open_atlas), py::arg("data"))
        .def("__len__", [](const GlyphAtlas& atlas) { return atlas.glyphs.size(); })
        .def("advances", &advances, py::arg("text"))
        .def("__contains__", [](const GlyphAtlas& atlas, std::uint32_t point) {
            return atlas.find(point) != nullptr;
        });
    module.def("which_guide", &which_guide, py::arg("strings"), py::arg("places"), py::arg("width"),
               py::arg("height"));
    module.def("draw_guidance", &draw, py::arg("atlas"), py::arg("strings"), py::arg("places"),
               py::arg("width"), py::arg("height"), py::arg("box"));
}

}  // namespace tcs::python
