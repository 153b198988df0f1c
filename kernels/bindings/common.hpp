// What the register_<concept>.cpp files share: checked views of Python's buffers and arrays.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace tcs::python {

namespace py = pybind11;

// One function per concept; module.cpp calls them all.
void register_errors();
void register_crc32c(py::module_& module);
void register_container(py::module_& module);
void register_layer(py::module_& module);
void register_quality_map(py::module_& module);
void register_bundle(py::module_& module);
void register_tile(py::module_& module);
void register_rans(py::module_& module);
void register_packed_weights(py::module_& module);
void register_text(py::module_& module);
void register_guidance(py::module_& module);
void register_packets(py::module_& module);
void register_net(py::module_& module);
void register_simd(py::module_& module);

// The bytes of a bytes-like object (bytes, bytearray, memoryview, uint8 array), without a copy.
// INVARIANT: the buffer is held, so the bytes stay where they are while this lives, with or without
// the GIL; destroyed with the GIL held.
class ByteView {
public:
    // Throws TypeError when `object` has no buffer of single bytes, ValueError when it is not
    // contiguous or has several dimensions. `name` is the argument's name in errors.
    ByteView(py::handle object, const char* name);
    ~ByteView();
    ByteView(ByteView&& other) noexcept;
    ByteView(const ByteView&) = delete;
    ByteView& operator=(const ByteView&) = delete;
    ByteView& operator=(ByteView&&) = delete;

    const std::uint8_t* data() const { return static_cast<const std::uint8_t*>(view_.buf); }
    std::size_t size() const { return static_cast<std::size_t>(view_.len); }

private:
    Py_buffer view_{};
};

// "(3, 4) int16", for messages.
std::string describe(const py::array& array);

// Throws TypeError when `object` is not an array of `dtype` and ValueError when it is not
// C-contiguous or not of `shape`, where -1 stands for any length. `axes` spells the shape in
// errors, for example "(C_z, hz, wz)".
py::array require_array(py::handle object, const py::dtype& dtype,
                        std::initializer_list<py::ssize_t> shape, const char* name,
                        const char* axes);

template <typename T>
const T* require(py::handle object, std::initializer_list<py::ssize_t> shape, const char* name,
                 const char* axes) {
    const py::array array = require_array(object, py::dtype::of<T>(), shape, name, axes);
    return static_cast<const T*>(array.data());  // the caller's argument keeps the array alive
}

// Throws ValueError when `value` is outside low..high.
long long require_range(long long value, long long low, long long high, const char* name);

py::bytes to_bytes(const std::vector<std::uint8_t>& data);

}  // namespace tcs::python
