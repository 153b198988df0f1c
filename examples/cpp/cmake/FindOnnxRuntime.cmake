# Finds ONNX Runtime's C++ API: the headers and the library of its release archives, or of a Linux
# distribution's development package. ORT_ROOT names the folder that holds include/ and lib/.
#
#   OnnxRuntime::OnnxRuntime   imported target
set(ORT_ROOT "" CACHE PATH "Folder with include/ and lib/ of ONNX Runtime")
find_path(
  ORT_INCLUDE_DIR onnxruntime_cxx_api.h
  HINTS "${ORT_ROOT}"
  PATH_SUFFIXES include include/onnxruntime include/onnxruntime/core/session onnxruntime)
find_library(ORT_LIBRARY onnxruntime HINTS "${ORT_ROOT}" PATH_SUFFIXES lib lib64)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  OnnxRuntime
  REQUIRED_VARS ORT_LIBRARY ORT_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "set ORT_ROOT to an unpacked release of ONNX Runtime (include/, lib/)")

if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::OnnxRuntime)
  add_library(OnnxRuntime::OnnxRuntime UNKNOWN IMPORTED)
  set_target_properties(
    OnnxRuntime::OnnxRuntime
    PROPERTIES IMPORTED_LOCATION "${ORT_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                  "${ORT_INCLUDE_DIR}")
endif()
