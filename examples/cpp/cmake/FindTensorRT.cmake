# Finds TensorRT's C++ API. TENSORRT_ROOT names the folder that holds include/ and lib/; on a Jetson
# both are where the compiler looks.
#
#   TensorRT::TensorRT   imported target
set(TENSORRT_ROOT "" CACHE PATH "Folder with include/ and lib/ of TensorRT")
find_path(TENSORRT_INCLUDE_DIR NvInfer.h HINTS "${TENSORRT_ROOT}" PATH_SUFFIXES include)
find_library(TENSORRT_LIBRARY nvinfer HINTS "${TENSORRT_ROOT}" PATH_SUFFIXES lib lib64)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  TensorRT
  REQUIRED_VARS TENSORRT_LIBRARY TENSORRT_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "set TENSORRT_ROOT to TensorRT 10.3 or later (include/, lib/)")

if(TensorRT_FOUND AND NOT TARGET TensorRT::TensorRT)
  add_library(TensorRT::TensorRT UNKNOWN IMPORTED)
  set_target_properties(
    TensorRT::TensorRT
    PROPERTIES IMPORTED_LOCATION "${TENSORRT_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                       "${TENSORRT_INCLUDE_DIR}")
endif()
