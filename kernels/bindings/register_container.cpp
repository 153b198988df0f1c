#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "common.hpp"
#include "tcs/container.hpp"

namespace tcs::python {
namespace {

Header make_header(long long width, long long height, long long quality, long long wire_id,
                   long long bundle_hash, long long tile, bool bare, bool layered,
                   const std::optional<std::pair<long long, long long>>& shown, bool small,
                   long long bundle_check) {
    Header header;
    header.width = static_cast<std::uint32_t>(require_range(width, 1, kMaxSide, "width"));
    header.height = static_cast<std::uint32_t>(require_range(height, 1, kMaxSide, "height"));
    header.quality = static_cast<std::uint8_t>(require_range(quality, 0, 63, "quality"));
    header.wire_id = static_cast<std::uint16_t>(require_range(wire_id, 0, 0xFFFF, "wire_id"));
    header.bundle_hash =
        static_cast<std::uint32_t>(require_range(bundle_hash, 0, 0xFFFFFFFF, "bundle_hash"));
    header.tile = static_cast<std::uint32_t>(require_range(tile, kTileUnit, kMaxTile, "tile"));
    header.bare = bare;
    header.layered = layered;
    header.small = small;
    header.bundle_check =
        static_cast<std::uint16_t>(require_range(bundle_check, 0, 0xFFFF, "bundle_check"));
    const auto [shown_width, shown_height] = shown.value_or(std::pair(width, height));
    header.shown_width =
        static_cast<std::uint32_t>(require_range(shown_width, width, kMaxSide, "shown width"));
    header.shown_height =
        static_cast<std::uint32_t>(require_range(shown_height, height, kMaxSide, "shown height"));
    return header;
}

std::pair<std::uint32_t, std::uint32_t> shown_of(const Header& header) {
    return {header.shown_width, header.shown_height};
}

// In what a header says of its picture; how the stream is spelled (version, mark) is not compared.
bool equal(const Header& a, const Header& b) {
    return a.width == b.width && a.height == b.height && a.quality == b.quality &&
           a.wire_id == b.wire_id && a.bundle_hash == b.bundle_hash && a.tile == b.tile &&
           a.bare == b.bare && a.layered == b.layered && shown_of(a) == shown_of(b) &&
           a.small == b.small && a.bundle_check == b.bundle_check;
}

std::string repr_header(const Header& header) {
    const auto field = [](const char* name, std::uint32_t value) {
        return std::string(name) + "=" + std::to_string(value) + ", ";
    };
    return "Header(" + field("width", header.width) + field("height", header.height) +
           field("quality", header.quality) + field("wire_id", header.wire_id) +
           field("bundle_hash", header.bundle_hash) + field("tile", header.tile) +
           "bare=" + (header.bare ? "True" : "False") +
           ", layered=" + (header.layered ? "True" : "False") + ", shown=(" +
           std::to_string(header.shown_width) + ", " + std::to_string(header.shown_height) +
           "), small=" + (header.small ? "True" : "False") +
           ", bundle_check=" + std::to_string(header.bundle_check) + ")";
}

// In the order of ChunkFault.
constexpr const char* kFaults[] = {"", "damaged", "stray", "moved", "mapless"};

const char* fault_name(const Chunk& chunk) {
    return kFaults[static_cast<std::size_t>(chunk.fault)];
}

std::string repr_chunk(const Chunk& chunk) {
    return "<Chunk type=" + std::to_string(chunk.type) + " fault='" + fault_name(chunk) +
           "' base=" + (chunk.base ? "True" : "False") + " tile=" + std::to_string(chunk.tile) +
           " offset=" + std::to_string(chunk.offset) + " length=" + std::to_string(chunk.length) +
           ">";
}

py::tuple parse_stream(const py::object& data, bool lenient, bool first_layer) {
    const ByteView bytes(data, "data");
    Stream stream;
    {
        const py::gil_scoped_release unlocked;
        stream = parse(bytes.data(), bytes.size(), {lenient, first_layer});
    }
    return py::make_tuple(stream.header, std::move(stream.chunks));
}

py::bytes write_stream(const Header& header,
                       const std::vector<std::pair<long long, py::object>>& chunks) {
    std::vector<ByteView> views;
    std::vector<ChunkData> items;
    views.reserve(chunks.size());
    items.reserve(chunks.size());
    for (const auto& [type, data] : chunks) {
        views.emplace_back(data, "chunk data");
        items.push_back({static_cast<std::uint8_t>(require_range(type, 0, 255, "chunk type")),
                         views.back().data(), views.back().size()});
    }
    std::vector<std::uint8_t> out;
    {
        const py::gil_scoped_release unlocked;
        out = write(header, items);
    }
    return to_bytes(out);
}

}  // namespace

void register_container(py::module_& module) {
    py::class_<Header>(module, "Header")
        .def(py::init(&make_header), py::kw_only(), py::arg("width"), py::arg("height"),
             py::arg("quality"), py::arg("wire_id"), py::arg("bundle_hash") = 0,
             py::arg("tile") = kDefaultTile, py::arg("bare") = false, py::arg("layered") = false,
             py::arg("shown") = py::none(), py::arg("small") = false, py::arg("bundle_check") = 0)
        .def_readonly("width", &Header::width)
        .def_readonly("height", &Header::height)
        .def_readonly("quality", &Header::quality)
        .def_readonly("wire_id", &Header::wire_id)
        .def_readonly("bundle_hash", &Header::bundle_hash)
        .def_readonly("tile", &Header::tile)
        .def_readonly("bare", &Header::bare)
        .def_readonly("layered", &Header::layered)
        .def_readonly("small", &Header::small)
        .def_readonly("bundle_check", &Header::bundle_check)
        .def_property_readonly("shown", &shown_of)
        .def_property_readonly("version",
                               [](const Header& header) {
                                   return py::make_tuple(header.version >> 4, header.version & 15);
                               })
        .def_property_readonly("tiles", &tile_count)
        .def(
            "__eq__", [](const Header& a, const Header& b) { return equal(a, b); },
            py::is_operator())
        .def("__repr__", &repr_header);
    py::class_<Chunk>(module, "Chunk")
        .def_readonly("type", &Chunk::type)
        .def_readonly("offset", &Chunk::offset)
        .def_readonly("length", &Chunk::length)
        .def_property_readonly("fault", &fault_name)
        .def_readonly("base", &Chunk::base)
        .def_readonly("tile", &Chunk::tile)
        .def("__repr__", &repr_chunk);
    module.def("parse", &parse_stream, py::arg("data"), py::arg("lenient") = false,
               py::arg("first_layer") = false);
    module.def("write", &write_stream, py::arg("header"), py::arg("chunks"));
}

}  // namespace tcs::python
