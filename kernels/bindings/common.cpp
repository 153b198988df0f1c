#include "common.hpp"

#include <utility>

namespace tcs::python {

ByteView::ByteView(py::handle object, const char* name) {
    if (PyObject_CheckBuffer(object.ptr()) == 0) {
        throw py::type_error(std::string(name) +
                             ": expected bytes, a memoryview or a uint8 array, came " +
                             Py_TYPE(object.ptr())->tp_name);
    }
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_ND | PyBUF_FORMAT) != 0) {
        PyErr_Clear();
        throw py::value_error(std::string(name) + ": expected contiguous bytes, came a strided " +
                              Py_TYPE(object.ptr())->tp_name + "; copy it first");
    }
    const bool bytes = view_.itemsize == 1;
    const bool flat = view_.ndim <= 1;
    if (bytes && flat) return;
    const std::string came = std::to_string(view_.ndim) + " dimensions of " +
                             std::to_string(view_.itemsize) + "-byte items";
    PyBuffer_Release(&view_);
    if (!bytes) throw py::type_error(std::string(name) + ": expected single bytes, came " + came);
    throw py::value_error(std::string(name) + ": expected one dimension, came " + came);
}

ByteView::~ByteView() {
    if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

ByteView::ByteView(ByteView&& other) noexcept : view_(other.view_) {
    other.view_ = Py_buffer{};
}

std::string describe(const py::array& array) {
    std::string text = "(";
    for (py::ssize_t i = 0; i < array.ndim(); ++i) {
        text += (i > 0 ? ", " : "") + std::to_string(array.shape(i));
    }
    text += array.ndim() == 1 ? ",) " : ") ";
    return text + py::str(py::handle(array.dtype())).cast<std::string>();
}

py::array require_array(py::handle object, const py::dtype& dtype,
                        std::initializer_list<py::ssize_t> shape, const char* name,
                        const char* axes) {
    const std::string expected = std::string(name) + ": expected a C-contiguous " + axes + " " +
                                 py::str(py::handle(dtype)).cast<std::string>() + " array";
    if (!py::isinstance<py::array>(object)) {
        throw py::type_error(expected + ", came " + Py_TYPE(object.ptr())->tp_name);
    }
    py::array array = py::reinterpret_borrow<py::array>(object);
    if (!array.dtype().equal(dtype)) throw py::type_error(expected + ", came " + describe(array));
    bool fits = array.ndim() == static_cast<py::ssize_t>(shape.size());
    py::ssize_t axis = 0;
    for (const py::ssize_t length : shape) {
        fits = fits && (length < 0 || array.shape(axis) == length);
        ++axis;
    }
    if (!fits) {
        std::string lengths;
        for (const py::ssize_t length : shape) {
            lengths += (lengths.empty() ? "" : ", ") +
                       (length < 0 ? std::string("any") : std::to_string(length));
        }
        throw py::value_error(expected + " with sides (" + lengths + "), came " + describe(array));
    }
    constexpr int wanted = py::array::c_style;
    if ((array.flags() & wanted) != wanted) {
        throw py::value_error(expected + ", came one with strides; use numpy.ascontiguousarray");
    }
    return array;
}

long long require_range(long long value, long long low, long long high, const char* name) {
    if (value >= low && value <= high) return value;
    throw py::value_error(std::string(name) + ": expected " + std::to_string(low) + " to " +
                          std::to_string(high) + ", came " + std::to_string(value));
}

py::bytes to_bytes(const std::vector<std::uint8_t>& data) {
    return py::bytes(reinterpret_cast<const char*>(data.data()), data.size());
}

}  // namespace tcs::python
