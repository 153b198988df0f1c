// READ ME FIRST: an ONNX file is a protocol buffer message. Message = fields one after the other;
// field = varint (number << 3 | wire type), then a varint (type 0), 8 bytes (1), a length and as
// many bytes (2), or 4 bytes (5). Field numbers below are those of onnx.proto, which never change.
#include "tcs/onnx_graph.hpp"

#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphInitializer = 5;
constexpr std::uint64_t kTensorName = 8;
constexpr std::uint64_t kTensorExternalData = 13;
constexpr std::uint64_t kTensorDataLocation = 14;
constexpr std::uint64_t kEntryKey = 1;
constexpr std::uint64_t kEntryValue = 2;
constexpr std::uint64_t kExternal = 1;  // TensorProto.DataLocation

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::weights, "ONNX model: " + message + "; the file is damaged");
}

struct Bytes {
    const std::uint8_t* data;
    std::size_t size;

    std::string text() const { return std::string(reinterpret_cast<const char*>(data), size); }
};

struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;     // of wire type 0
    Bytes bytes = {nullptr, 0};  // of wire type 2
};

/// The fields of a message, one after the other.
class Message {
public:
    explicit Message(Bytes bytes) : next_(bytes.data), left_(bytes.size) {}

    /// False at the end.
    bool next(Field& field) {
        if (left_ == 0) return false;
        const std::uint64_t key = varint();
        field = Field{};
        field.number = key >> 3;
        switch (key & 7) {
            case 0:
                field.value = varint();
                return true;
            case 1:
                take(8);
                return true;
            case 2:
                field.bytes = take(varint());
                return true;
            case 5:
                take(4);
                return true;
            default:
                refuse("expected a field of wire type 0, 1, 2 or 5, got " +
                       std::to_string(key & 7));
        }
    }

private:
    Bytes take(std::uint64_t size) {
        if (size > left_)
            refuse("a field of " + std::to_string(size) + " bytes, " + std::to_string(left_) +
                   " are left");
        const Bytes taken = {next_, static_cast<std::size_t>(size)};
        next_ += taken.size;
        left_ -= taken.size;
        return taken;
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            const std::uint64_t byte = take(1).data[0];
            if (shift < 64) value |= (byte & 0x7FU) << shift;
            if (byte < 0x80U) return value;
        }
        refuse("a number of more than 10 bytes");
    }

    const std::uint8_t* next_;
    std::size_t left_;
};

/// The value of an external_data entry whose key is "location", else "".
std::string location_of(Bytes entry) {
    std::string key;
    std::string value;
    Field field;
    for (Message message(entry); message.next(field);) {
        if (field.number == kEntryKey) key = field.bytes.text();
        if (field.number == kEntryValue) value = field.bytes.text();
    }
    return key == "location" ? value : std::string();
}

/// Appends the tensor if its data lie elsewhere.
void read_tensor(Bytes tensor, std::vector<ExternalInitializer>& found) {
    ExternalInitializer read;
    bool external = false;
    Field field;
    for (Message message(tensor); message.next(field);) {
        if (field.number == kTensorName) read.name = field.bytes.text();
        if (field.number == kTensorDataLocation) external = field.value == kExternal;
        if (field.number == kTensorExternalData) {
            const std::string location = location_of(field.bytes);
            if (!location.empty()) read.location = location;
        }
    }
    if (external) found.push_back(read);
}

}  // namespace

std::vector<ExternalInitializer> external_initializers(const std::uint8_t* model,
                                                       std::size_t size) {
    std::vector<ExternalInitializer> found;
    Field graph;
    for (Message fields({model, size}); fields.next(graph);) {
        if (graph.number != kModelGraph) continue;
        Field tensor;
        for (Message inner(graph.bytes); inner.next(tensor);) {
            if (tensor.number == kGraphInitializer) read_tensor(tensor.bytes, found);
        }
    }
    return found;
}

}  // namespace tcs
