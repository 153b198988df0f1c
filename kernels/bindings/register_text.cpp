// Text that is sent. Python sees lines as arrays and a list of strings, one item a line.
#include <algorithm>
#include <iterator>

#include "common.hpp"
#include "tcs/text.hpp"

namespace tcs::python {
namespace {

constexpr py::ssize_t kFields = 5;   // of a place
constexpr py::ssize_t kNumbers = 8;  // of four corners

void store(const Place& place, std::int32_t* row) {
    const std::int32_t fields[kFields] = {place.x, place.y, place.height, place.length,
                                          place.angle};
    std::copy(std::begin(fields), std::end(fields), row);
}

Place load(const std::int32_t* row) {
    Place place;
    place.x = row[0];
    place.y = row[1];
    place.height = row[2];
    place.length = row[3];
    place.angle = row[4];
    return place;
}

// Throws UnicodeEncodeError for lone surrogates.
std::string utf8_of(py::handle string) {
    if (!PyUnicode_Check(string.ptr())) {
        throw py::type_error("strings: expected str or None, came " +
                             std::string(py::str(py::type::handle_of(string).attr("__name__"))));
    }
    Py_ssize_t size = 0;
    const char* const data = PyUnicode_AsUTF8AndSize(string.ptr(), &size);
    if (data == nullptr) throw py::error_already_set();
    return std::string(data, static_cast<std::size_t>(size));
}

py::bytes encode(const py::list& strings, const py::object& places, const py::object& placed,
                 const py::object& states, const py::object& confidences, bool verified) {
    const auto count = static_cast<py::ssize_t>(strings.size());
    const auto* const place = require<std::int32_t>(places, {count, kFields}, "places", "(n, 5)");
    const auto* const is_placed = require<bool>(placed, {count}, "placed", "(n,)");
    const auto* const state = require<std::uint8_t>(states, {count}, "states", "(n,)");
    const auto* const sure = require<std::uint8_t>(confidences, {count}, "confidences", "(n,)");
    Text text;
    text.verified = verified;
    for (py::ssize_t n = 0; n < count; ++n) {
        const py::handle string = strings[static_cast<std::size_t>(n)];
        TextLine line;
        line.placed = is_placed[n];
        line.place = load(place + n * kFields);
        line.state = static_cast<LineState>(require_range(state[n], 0, 3, "state"));
        line.confidence = sure[n];
        line.has_string = !string.is_none();
        if (line.has_string) line.string = utf8_of(string);
        text.lines.push_back(std::move(line));
    }
    std::vector<std::uint8_t> data;
    {
        const py::gil_scoped_release unlocked;
        data = encode_text(text);
    }
    return to_bytes(data);
}

Text decode(const py::object& data) {
    const ByteView bytes(data, "data");
    const py::gil_scoped_release unlocked;
    return decode_text(bytes.data(), bytes.size());
}

py::list strings_of(const Text& text) {
    py::list strings;
    for (const TextLine& line : text.lines) {
        if (line.has_string) {
            strings.append(py::str(line.string));
        } else {
            strings.append(py::none());
        }
    }
    return strings;
}

// One value a line.
template <typename T, typename Of>
py::array_t<T> column(const Text& text, const Of& of) {
    py::array_t<T> values(static_cast<py::ssize_t>(text.lines.size()));
    std::transform(text.lines.begin(), text.lines.end(), values.mutable_data(), of);
    return values;
}

py::array_t<std::int32_t> places_of(const Text& text) {
    py::array_t<std::int32_t> places({static_cast<py::ssize_t>(text.lines.size()), kFields});
    std::int32_t* row = places.mutable_data();
    for (const TextLine& line : text.lines) {
        store(line.place, row);
        row += kFields;
    }
    return places;
}

py::array_t<std::int32_t> places_of_corners(const py::object& corners) {
    const py::array array =
        require_array(corners, py::dtype::of<double>(), {-1, 4, 2}, "corners", "(n, 4, 2)");
    const auto* from = static_cast<const double*>(array.data());
    py::array_t<std::int32_t> places({array.shape(0), kFields});
    for (py::ssize_t n = 0; n < array.shape(0); ++n, from += kNumbers) {
        Corners one;
        std::copy(from, from + kNumbers, one.begin());
        store(place_of(one), places.mutable_data(n, 0));
    }
    return places;
}

py::array_t<double> corners_of_places(const py::object& places) {
    const py::array array =
        require_array(places, py::dtype::of<std::int32_t>(), {-1, kFields}, "places", "(n, 5)");
    const auto* const from = static_cast<const std::int32_t*>(array.data());
    const py::ssize_t four = 4, two = 2;
    py::array_t<double> corners({array.shape(0), four, two});
    for (py::ssize_t n = 0; n < array.shape(0); ++n) {
        const Corners one = corners_of(load(from + n * kFields));
        std::copy(one.begin(), one.end(), corners.mutable_data(n, 0, 0));
    }
    return corners;
}

}  // namespace

void register_text(py::module_& module) {
    py::class_<Text>(module, "SentText")
        .def_readonly("verified", &Text::verified)
        .def_property_readonly("strings", &strings_of)
        .def_property_readonly("places", &places_of)
        .def_property_readonly("placed",
                               [](const Text& text) {
                                   return column<bool>(
                                       text, [](const TextLine& line) { return line.placed; });
                               })
        .def_property_readonly("states",
                               [](const Text& text) {
                                   return column<std::uint8_t>(text, [](const TextLine& line) {
                                       return static_cast<std::uint8_t>(line.state);
                                   });
                               })
        .def_property_readonly("confidences", [](const Text& text) {
            return column<std::uint8_t>(text, [](const TextLine& line) { return line.confidence; });
        });
    module.def("encode_text", &encode, py::arg("strings"), py::kw_only(), py::arg("places"),
               py::arg("placed"), py::arg("states"), py::arg("confidences"), py::arg("verified"));
    module.def("decode_text", &decode, py::arg("data"));
    module.def("places_of_corners", &places_of_corners, py::arg("corners"));
    module.def("corners_of_places", &corners_of_places, py::arg("places"));
}

}  // namespace tcs::python
