#include <pybind11/stl.h>

#include <optional>

#include "common.hpp"
#include "tcs/bundle.hpp"
#include "tcs/tile.hpp"

namespace tcs::python {
namespace {

TileGrid make_grid(long long height, long long width) {
    return {static_cast<int>(require_range(height, 1, kMaxGrid, "height of the y grid")),
            static_cast<int>(require_range(width, 1, kMaxGrid, "width of the y grid"))};
}

TileQuality make_quality(long long quality, const py::object& roi, TileGrid grid) {
    TileQuality made;
    made.quality = static_cast<int>(require_range(quality, 0, kQualities - 1, "quality"));
    if (!roi.is_none()) {
        made.roi = require<std::int8_t>(roi, {grid.height, grid.width}, "roi", "(h, w)");
    }
    return made;
}

using OptionalNumber = std::optional<long long>;

TileOptions make_options(OptionalNumber skip, OptionalNumber lanes) {
    TileOptions options;
    if (skip) options.skip = static_cast<int>(require_range(*skip, 0, 63, "skip"));
    if (lanes) options.lanes = static_cast<int>(require_range(*lanes, 1, kWrittenLanes, "lanes"));
    return options;
}

// The y grid of `residual`, whose dtype is checked by the caller.
TileGrid grid_of(const Bundle& bundle, const py::object& residual, const py::dtype& dtype) {
    const py::array array =
        require_array(residual, dtype, {bundle.latent, -1, -1}, "residual", "(M, h, w)");
    return make_grid(array.shape(1), array.shape(2));
}

template <typename T>
py::bytes encode(const Bundle& bundle, const py::object& z_hat, const py::object& residual,
                 long long quality, const py::object& roi, const TileOptions& options) {
    const TileGrid grid = grid_of(bundle, residual, py::dtype::of<T>());
    const auto* const values =
        require<T>(residual, {bundle.latent, grid.height, grid.width}, "residual", "(M, h, w)");
    const auto* const z =
        require<std::int8_t>(z_hat, {bundle.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4},
                             "z_hat", "(C_z, hz, wz)");
    const TileQuality tile_quality = make_quality(quality, roi, grid);
    std::vector<std::uint8_t> payload;
    {
        const py::gil_scoped_release unlocked;
        payload = encode_tile(bundle, grid, tile_quality, z, values, options);
    }
    return to_bytes(payload);
}

py::bytes encode_any(const Bundle& bundle, const py::object& z_hat, const py::object& residual,
                     long long quality, const py::object& roi, OptionalNumber skip,
                     OptionalNumber lanes) {
    const TileOptions options = make_options(skip, lanes);
    if (py::isinstance<py::array_t<float>>(residual)) {
        return encode<float>(bundle, z_hat, residual, quality, roi, options);
    }
    if (py::isinstance<py::array_t<std::int16_t>>(residual)) {
        return encode<std::int16_t>(bundle, z_hat, residual, quality, roi, options);
    }
    const std::string came = py::isinstance<py::array>(residual)
                                 ? describe(py::reinterpret_borrow<py::array>(residual))
                                 : Py_TYPE(residual.ptr())->tp_name;
    throw py::type_error("residual: expected d as float32 or r as int16 array, came " + came);
}

py::tuple decode(const Bundle& bundle, const py::object& payload, long long quality,
                 long long height, long long width, const py::object& roi) {
    const TileGrid grid = make_grid(height, width);
    const TileQuality tile_quality = make_quality(quality, roi, grid);
    const ByteView bytes(payload, "payload");
    py::array_t<std::int8_t> z_hat({bundle.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4});
    py::array_t<std::int16_t> r({bundle.latent, grid.height, grid.width});
    std::int8_t* const z_out = z_hat.mutable_data();
    std::int16_t* const r_out = r.mutable_data();
    {
        const py::gil_scoped_release unlocked;
        decode_tile(bundle, grid, tile_quality, bytes.data(), bytes.size(), z_out, r_out);
    }
    return py::make_tuple(std::move(z_hat), std::move(r));
}

py::array_t<float> inverse(const Bundle& bundle, long long quality, const py::object& roi) {
    TileGrid grid{1, 1};
    if (!roi.is_none()) {
        const py::array map =
            require_array(roi, py::dtype::of<std::int8_t>(), {-1, -1}, "roi", "(h, w)");
        grid = make_grid(map.shape(0), map.shape(1));
    }
    const TileQuality tile_quality = make_quality(quality, roi, grid);
    py::array_t<float> gains({bundle.latent, grid.height, grid.width});
    inverse_gain(bundle, grid, tile_quality, gains.mutable_data());
    return gains;
}

}  // namespace

void register_tile(py::module_& module) {
    module.def("encode_tile", &encode_any, py::arg("bundle"), py::arg("z_hat"), py::arg("residual"),
               py::arg("quality"), py::kw_only(), py::arg("roi") = py::none(),
               py::arg("skip") = py::none(), py::arg("lanes") = py::none());
    module.def("decode_tile", &decode, py::arg("bundle"), py::arg("payload"), py::arg("quality"),
               py::arg("height"), py::arg("width"), py::kw_only(), py::arg("roi") = py::none());
    module.def("inverse_gain", &inverse, py::arg("bundle"), py::arg("quality"),
               py::arg("roi") = py::none());
}

}  // namespace tcs::python
