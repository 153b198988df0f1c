#include "utf8.hpp"

#include "tcs/status.hpp"

namespace tcs {
namespace {

struct Form {
    std::uint32_t mask;   // of the first byte's leading bits
    std::uint32_t lead;   // what they are
    std::size_t more;     // bytes that follow
    std::uint32_t least;  // the smallest code point that needs this form
};

constexpr Form kForms[] = {
    {0x80, 0x00, 0, 0}, {0xE0, 0xC0, 1, 0x80}, {0xF0, 0xE0, 2, 0x800}, {0xF8, 0xF0, 3, 0x10000}};

[[noreturn]] void refuse(std::size_t at) {
    throw Error(ErrorCode::argument, "string: expected UTF-8, came other bytes at offset " +
                                         std::to_string(at) + "; decode it first");
}

}  // namespace

bool is_code_point(std::uint32_t number) noexcept {
    return number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
}

std::vector<std::uint32_t> code_points(const std::string& text) {
    std::vector<std::uint32_t> points;
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const Form* form = kForms;
        while (form != std::end(kForms) && (first & form->mask) != form->lead)
            ++form;
        if (form == std::end(kForms) || text.size() - at <= form->more) refuse(at);
        std::uint32_t point = first & ~form->mask;
        for (std::size_t i = 1; i <= form->more; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            if ((byte & 0xC0U) != 0x80U) refuse(at);
            point = point << 6 | (byte & 0x3FU);
        }
        if (point < form->least || !is_code_point(point)) refuse(at);
        points.push_back(point);
        at += form->more + 1;
    }
    return points;
}

void append_utf8(std::string& text, std::uint32_t point) {
    std::size_t form = 0;
    while (form + 1 < std::size(kForms) && point >= kForms[form + 1].least)
        ++form;
    const std::size_t more = kForms[form].more;
    text.push_back(static_cast<char>(kForms[form].lead | point >> (6 * more)));
    for (std::size_t i = more; i-- > 0;)
        text.push_back(static_cast<char>(0x80U | (point >> (6 * i) & 0x3FU)));
}

}  // namespace tcs
