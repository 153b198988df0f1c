// TensorRT 10.3 or later on an NVIDIA GPU, from plans that `tcsdk build` made for this kind of
// board. Written from the documented API; docs/use/cpp.md says what of it has run.
#include <NvInfer.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>

#include "arguments.hpp"
#include "engine.hpp"
#include "error.hpp"
#include "plans.hpp"

namespace example {
namespace {

namespace trt = nvinfer1;

void expect(cudaError_t status, const std::string& what) {
    if (status == cudaSuccess) return;
    throw Error(what + ": " + cudaGetErrorString(status));
}

// Keeps TensorRT's errors, for the message of what is thrown.
class Log : public trt::ILogger {
public:
    void log(Severity severity, const char* message) noexcept override {
        if (severity > Severity::kERROR) return;
        errors_ += (errors_.empty() ? "" : "; ") + std::string(message);
    }

    std::string errors() const { return errors_.empty() ? "no reason given" : errors_; }

private:
    std::string errors_;
};

class CudaStream {
public:
    CudaStream() { expect(cudaStreamCreate(&stream_), "CUDA cannot make a stream"); }
    ~CudaStream() { cudaStreamDestroy(stream_); }
    CudaStream(const CudaStream&) = delete;
    CudaStream& operator=(const CudaStream&) = delete;

    cudaStream_t get() const { return stream_; }
    void synchronise() const { expect(cudaStreamSynchronize(stream_), "CUDA failed"); }

private:
    cudaStream_t stream_ = nullptr;
};

// Floats on the GPU; memory is kept between runs and grows as needed.
class Buffer {
public:
    Buffer() = default;
    ~Buffer() { cudaFree(address_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    void* reserve(std::size_t count) {
        if (count > count_) {
            cudaFree(address_);
            address_ = nullptr;
            count_ = 0;
            expect(cudaMalloc(&address_, count * sizeof(float)), "CUDA cannot allocate");
            count_ = count;
        }
        return address_;
    }

    void send(const std::vector<float>& values, const CudaStream& stream) {
        expect(cudaMemcpyAsync(reserve(values.size()), values.data(), values.size() * sizeof(float),
                               cudaMemcpyHostToDevice, stream.get()),
               "CUDA cannot copy to the GPU");
    }

    void fetch(std::vector<float>& values, const CudaStream& stream) const {
        expect(cudaMemcpyAsync(values.data(), address_, values.size() * sizeof(float),
                               cudaMemcpyDeviceToHost, stream.get()),
               "CUDA cannot copy from the GPU");
    }

private:
    void* address_ = nullptr;
    std::size_t count_ = 0;
};

trt::Dims shape_of(const Planes<float>& planes) {
    trt::Dims shape{};
    shape.nbDims = 4;
    shape.d[0] = 1;
    shape.d[1] = planes.channels;
    shape.d[2] = planes.height;
    shape.d[3] = planes.width;
    return shape;
}

class TrtGraph : public Graph {
public:
    TrtGraph(trt::IRuntime& runtime, const Log& log, std::string name, const Bytes& plan)
        : log_(log), name_(std::move(name)) {
        engine_.reset(runtime.deserializeCudaEngine(plan.data(), plan.size()));
        require(engine_ != nullptr, "the plan; build it again with tcsdk build");
        context_.reset(engine_->createExecutionContext());
        require(context_ != nullptr, "an execution context");
        for (int i = 0; i < engine_->getNbIOTensors(); ++i) {
            const char* const tensor = engine_->getIOTensorName(i);
            require(engine_->getTensorDataType(tensor) == trt::DataType::kFLOAT,
                    std::string("tensor ") + tensor + ", expected float32");
            const bool input = engine_->getTensorIOMode(tensor) == trt::TensorIOMode::kINPUT;
            (input ? inputs_ : outputs_).emplace_back(tensor);
        }
    }

    std::vector<Planes<float>> run(const std::vector<Input>& inputs) override {
        choose_profile(inputs);
        for (const Input& input : inputs) {
            Buffer& buffer = buffers_[input.name];
            buffer.send(input.planes->values, stream_);
            require(context_->setInputShape(input.name, shape_of(*input.planes)) &&
                        context_->setTensorAddress(input.name, buffer.reserve(0)),
                    std::string("input ") + input.name);
        }
        std::vector<Planes<float>> results;
        for (const std::string& name : outputs_)
            results.push_back(bind_output(name));
        require(context_->enqueueV3(stream_.get()), "the launch");
        for (std::size_t i = 0; i < results.size(); ++i) {
            buffers_[outputs_[i]].fetch(results[i].values, stream_);
        }
        stream_.synchronise();
        return results;
    }

private:
    void require(bool holds, const std::string& what) const {
        if (!holds) throw Error(name_ + ": TensorRT refuses " + what + " (" + log_.errors() + ")");
    }

    // The first profile that takes these shapes; the narrow ones come first.
    void choose_profile(const std::vector<Input>& inputs) {
        require(inputs.size() == inputs_.size(), "the number of inputs");
        for (int profile = 0; profile < engine_->getNbOptimizationProfiles(); ++profile) {
            const bool takes =
                std::all_of(inputs.begin(), inputs.end(), [this, profile](const Input& input) {
                    return takes_shape(profile, input.name, shape_of(*input.planes));
                });
            if (!takes) continue;
            if (profile == profile_) return;
            require(context_->setOptimizationProfileAsync(profile, stream_.get()), "the profile");
            stream_.synchronise();
            profile_ = profile;
            return;
        }
        throw Error(name_ +
                    ": no shape profile of the plan takes this picture; build one with "
                    "tcsdk build --shapes, or encode with another --tile");
    }

    bool takes_shape(int profile, const char* name, const trt::Dims& shape) const {
        const trt::Dims low =
            engine_->getProfileShape(name, profile, trt::OptProfileSelector::kMIN);
        const trt::Dims high =
            engine_->getProfileShape(name, profile, trt::OptProfileSelector::kMAX);
        bool fits = low.nbDims == shape.nbDims;
        for (int i = 0; fits && i < shape.nbDims; ++i) {
            fits = low.d[i] <= shape.d[i] && shape.d[i] <= high.d[i];
        }
        return fits;
    }

    Planes<float> bind_output(const std::string& name) {
        const trt::Dims shape = context_->getTensorShape(name.c_str());
        bool known = shape.nbDims == 4 && shape.d[0] == 1;
        for (int i = 1; known && i < 4; ++i)
            known = shape.d[i] > 0;
        require(known, "the shape of output " + name);
        Planes<float> planes(static_cast<int>(shape.d[1]), static_cast<int>(shape.d[2]),
                             static_cast<int>(shape.d[3]));
        void* const address = buffers_[name].reserve(planes.values.size());
        require(context_->setTensorAddress(name.c_str(), address), "the buffer of output " + name);
        return planes;
    }

    const Log& log_;
    std::string name_;
    std::unique_ptr<trt::ICudaEngine> engine_;
    std::unique_ptr<trt::IExecutionContext> context_;
    std::vector<std::string> inputs_;
    std::vector<std::string> outputs_;
    std::map<std::string, Buffer> buffers_;
    CudaStream stream_;
    int profile_ = -1;
};

class TrtEngine : public Engine {
public:
    explicit TrtEngine(std::string plans)
        : plans_(std::move(plans)), runtime_(trt::createInferRuntime(log_)) {
        if (!runtime_) throw Error("TensorRT does not start (" + log_.errors() + ")");
    }

    std::string device() const override { return "tensorrt"; }

    std::unique_ptr<Graph> load(const Model& model, const Precision& precision,
                                bool analysis) override {
        const Bytes plan = read_plan(plans_, model, precision, analysis);
        const std::string name = model.family + "-" + precision.name;
        return std::make_unique<TrtGraph>(*runtime_, log_, name, plan);
    }

private:
    std::string plans_;
    Log log_;
    std::unique_ptr<trt::IRuntime> runtime_;
};

}  // namespace

const std::vector<EngineOption>& engine_options() {
    static const std::vector<EngineOption> options = {
        {"--plans", "FOLDER  of plans that tcsdk build made for this kind of board (required)"},
        {"--gpu", "N  number of the GPU (default: 0)"}};
    return options;
}

std::unique_ptr<Engine> open_engine(const std::map<std::string, std::string>& options) {
    const auto plans = options.find("--plans");
    if (plans == options.end()) throw UsageError("expected --plans FOLDER, got nothing");
    const auto gpu = options.find("--gpu");
    const long long index = gpu == options.end() ? 0 : parse_number("--gpu", gpu->second, 0, 1023);
    expect(cudaSetDevice(static_cast<int>(index)), "GPU " + std::to_string(index));
    return std::make_unique<TrtEngine>(plans->second);
}

}  // namespace example
