#include "text_model.hpp"

#include "codec.hpp"
#include "text_model_data.hpp"

namespace tcs {
namespace {

std::vector<std::uint8_t>& bytes() {
    static std::vector<std::uint8_t> kept;
    return kept;
}

}  // namespace

TextModelBytes text_model_bytes() {
    return {bytes().data(), bytes().size()};
}

namespace web {

bool has_text_model() {
    return !bytes().empty();
}

}  // namespace web
}  // namespace tcs

// Keeps the bytes of text_model.bin, whose hash the caller has checked. Outcome: nothing.
TCS_WEB tcs_status tcs_web_text_model(const std::uint8_t* data, std::size_t size) {
    return tcs::web::outcome_of([&] {
        if (!tcs::web::has_text_model()) tcs::bytes().assign(data, data + size);
        return std::vector<std::uint8_t>{};
    });
}
