// Turns tcs::Error into the classes of tcsdk/errors.py, one per error code.
#include <exception>

#include "common.hpp"
#include "tcs/status.hpp"

namespace tcs::python {
namespace {

// Name of the class in tcsdk.errors; nullptr for misuse, which is a plain ValueError.
const char* class_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::argument:
            return nullptr;
        case ErrorCode::not_tcs:
            return "NotATcsStreamError";
        case ErrorCode::newer_version:
            return "NewerVersionError";
        case ErrorCode::truncated:
            return "TruncatedStreamError";
        case ErrorCode::corrupt:
            return "CorruptStreamError";
        case ErrorCode::unsupported_chunk:
            return "UnsupportedChunkError";
        case ErrorCode::trailing:
            return "TrailingDataError";
        case ErrorCode::limit:
            return "StreamLimitError";
        case ErrorCode::bundle:
            return "BundleError";
        case ErrorCode::bundle_mismatch:
            return "BundleMismatchError";
        case ErrorCode::weights:
            return "PackedWeightsError";
        case ErrorCode::atlas:
            return "GlyphAtlasError";
        case ErrorCode::net:
            return "PackedNetError";
    }
    return "TcsdkError";
}

void raise(const Error& error) {
    const char* const name = class_name(error.code());
    if (name == nullptr) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return;
    }
    // Imported when the first error is raised, so that importing the kernels stays cheap.
    const py::object type = py::module_::import("tcsdk.errors").attr(name);
    PyErr_SetString(type.ptr(), error.what());
}

}  // namespace

void register_errors() {
    py::register_local_exception_translator([](std::exception_ptr raised) {
        try {
            if (raised) std::rethrow_exception(raised);
        } catch (const Error& error) {
            raise(error);
        }
    });
}

}  // namespace tcs::python
