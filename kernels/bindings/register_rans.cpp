// The entropy coder alone, for benchmarks and tests.
#include "common.hpp"
#include "tcs/rans.hpp"

namespace tcs::python {
namespace {

RowTable make_table(const py::object& starts, long long precision) {
    const py::array array = require_array(starts, py::dtype::of<std::uint16_t>(), {-1, kRowEntries},
                                          "starts", "(rows, 32)");
    return RowTable(static_cast<const std::uint16_t*>(array.data()),
                    static_cast<std::size_t>(array.shape(0)),
                    static_cast<int>(require_range(precision, 12, 15, "precision")));
}

py::array require_rows(const py::object& rows) {
    return require_array(rows, py::dtype::of<std::uint8_t>(), {-1}, "rows", "(n,)");
}

py::bytes encode(const py::object& starts, long long precision, const py::object& rows,
                 const py::object& entries, long long lanes) {
    const RowTable table = make_table(starts, precision);
    const py::array row_array = require_rows(rows);
    const auto* const row_data = static_cast<const std::uint8_t*>(row_array.data());
    const auto* const entry_data =
        require<std::uint8_t>(entries, {row_array.shape(0)}, "entries", "(n,)");
    const auto count = static_cast<std::size_t>(row_array.shape(0));
    const auto lane_count = static_cast<int>(require_range(lanes, 1, kMaxLanes, "lanes"));
    std::vector<std::uint8_t> data;
    {
        const py::gil_scoped_release unlocked;
        data = encode_symbols(table, row_data, entry_data, count, lane_count);
    }
    return to_bytes(data);
}

py::array_t<std::uint8_t> decode(const py::object& starts, long long precision,
                                 const py::object& rows, const py::object& data, long long lanes) {
    const RowTable table = make_table(starts, precision);
    const py::array row_array = require_rows(rows);
    const auto* const row_data = static_cast<const std::uint8_t*>(row_array.data());
    const auto lane_count = static_cast<int>(require_range(lanes, 1, kMaxLanes, "lanes"));
    const ByteView bytes(data, "data");
    py::array_t<std::uint8_t> entries(row_array.shape(0));
    std::uint8_t* const out = entries.mutable_data();
    {
        const py::gil_scoped_release unlocked;
        decode_symbols(table, row_data, static_cast<std::size_t>(row_array.shape(0)), bytes.data(),
                       bytes.size(), lane_count, out);
    }
    return entries;
}

}  // namespace

void register_rans(py::module_& module) {
    module.def("encode_symbols", &encode, py::arg("starts"), py::arg("precision"), py::arg("rows"),
               py::arg("entries"), py::arg("lanes"));
    module.def("decode_symbols", &decode, py::arg("starts"), py::arg("precision"), py::arg("rows"),
               py::arg("data"), py::arg("lanes"));
}

}  // namespace tcs::python
