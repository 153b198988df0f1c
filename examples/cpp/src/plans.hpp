// TensorRT plans as `tcsdk build` writes them (tcsdk/engines/tensorrt/store.py).
#pragma once

#include <string>

#include "files.hpp"
#include "model.hpp"

namespace example {

// The one plan in a folder that was built from this graph of this model: TensorRT's bytes, after
// their digest has been compared. Throws Error where there is none, more than one, or it is
// damaged.
Bytes read_plan(const std::string& folder, const Model& model, const Precision& precision,
                bool analysis);

}  // namespace example
