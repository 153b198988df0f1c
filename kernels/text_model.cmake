# Writes OUT, a C++ file with the bytes of MODEL: no tool but CMake is needed to build libtcs.
file(READ "${MODEL}" TCS_MODEL HEX)
string(REGEX REPLACE "(................................)" "\\1\n" TCS_MODEL "${TCS_MODEL}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," TCS_MODEL "${TCS_MODEL}")
file(WRITE "${OUT}.new" "#include \"text_model_data.hpp\"
namespace tcs {
namespace {
const std::uint8_t kTextModel[] = {
${TCS_MODEL}
};
}  // namespace
TextModelBytes text_model_bytes() {
    return {kTextModel, sizeof kTextModel};
}
}  // namespace tcs
")
file(RENAME "${OUT}.new" "${OUT}")
