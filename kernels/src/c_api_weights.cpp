// Packed weights of the C interface.
#include "c_api.hpp"
#include "tcs/onnx_graph.hpp"
#include "tcs/packed_weights.hpp"

using namespace tcs::c_api;

namespace {

static_assert(TCS_MAX_DIMENSIONS == 8, "as many as the format has");
constexpr std::size_t kAlign = 64;

std::size_t align(std::size_t size) {
    return (size + kAlign - 1) / kAlign * kAlign;
}

// One block: the structs, then the names, then each tensor's weights.
class Block {
public:
    explicit Block(const std::vector<tcs::PackedTensor>& tensors) {
        names_ = tensors.size() * sizeof(tcs_weight);
        weights_ = names_;
        for (const tcs::PackedTensor& tensor : tensors)
            weights_ += tensor.name.size() + 1;
        std::size_t size = weights_ + kAlign;
        for (const tcs::PackedTensor& tensor : tensors)
            size += align(tensor.count);
        memory_ = static_cast<char*>(std::malloc(size));
        if (memory_ == nullptr) throw std::bad_alloc();
        const auto address = reinterpret_cast<std::uintptr_t>(memory_) + weights_;
        weights_ += align(address) - address;
    }
    ~Block() { std::free(memory_); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    // Call it once per tensor, in order.
    tcs_weight add(const tcs::PackedTensor& tensor) {
        char* const name = memory_ + names_;
        auto* const weights = reinterpret_cast<std::int8_t*>(memory_ + weights_);
        std::memcpy(name, tensor.name.c_str(), tensor.name.size() + 1);
        names_ += tensor.name.size() + 1;
        weights_ += align(tensor.count);
        tcs::unpack_weights(tensor, weights);
        tcs_weight made{name, weights, tensor.count, tensor.shape.size(), {}};
        for (std::size_t i = 0; i < tensor.shape.size(); ++i)
            made.shape[i] = static_cast<std::int64_t>(tensor.shape[i]);
        return made;
    }

    tcs_weight* release() {
        auto* const tensors = reinterpret_cast<tcs_weight*>(memory_);
        memory_ = nullptr;
        return tensors;
    }

    tcs_weight* tensors() { return reinterpret_cast<tcs_weight*>(memory_); }

private:
    char* memory_;
    std::size_t names_;    // where the next name goes
    std::size_t weights_;  // where the next weights go
};

std::vector<std::string> names_in(const uint8_t* graph, std::size_t size,
                                  const std::string& location) {
    std::vector<std::string> names;
    for (const tcs::ExternalInitializer& found : tcs::external_initializers(graph, size)) {
        if (found.location == location) names.push_back(found.name);
    }
    return names;
}

}  // namespace

tcs_status tcs_unpack_weights(const uint8_t* data, size_t size, const uint8_t* graph,
                              size_t graph_size, const char* location, tcs_weight** tensors,
                              size_t* count) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(tensors, "tensors");
        require(count, "count");
        std::vector<tcs::PackedTensor> found = tcs::parse_packed_weights(data, size);
        if (graph != nullptr) {
            require(location, "location");
            found = tcs::choose_tensors(found, names_in(graph, graph_size, location));
        }
        *tensors = nullptr;
        *count = found.size();
        if (found.empty()) return;
        Block block(found);
        for (std::size_t i = 0; i < found.size(); ++i)
            block.tensors()[i] = block.add(found[i]);
        *tensors = block.release();
    });
}
