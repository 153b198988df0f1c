// ONNX Runtime on the CPU, set up as tcsdk/engines/ort.py does: the same streams and pixels.
#include <onnxruntime_cxx_api.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "arguments.hpp"
#include "engine.hpp"
#include "error.hpp"

namespace example {
namespace {

// Whether ONNX Runtime's U8S8 kernels may saturate: those for AVX2 add pairs of products in
// saturating int16, VNNI and Arm do not. Where the flags cannot be read: yes, exact and slower.
bool saturates_int8() {
    std::ifstream file("/proc/cpuinfo");
    if (!file) return true;
    bool any = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("flags", 0) != 0) continue;
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            any = true;
            if (word == "avx512_vnni" || word == "avx_vnni") return false;
        }
    }
    return any;
}

class OrtGraph : public Graph {
public:
    OrtGraph(Ort::Env& env, const std::string& path, int threads) : path_(path) {
        Ort::SessionOptions options;
        options.SetIntraOpNumThreads(threads);
        options.SetInterOpNumThreads(1);
        options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);  // errors are thrown
        // A fused weight-only MatMul must not quantise its activations.
        options.AddConfigEntry("session.qdq_matmulnbits_accuracy_level", "0");
        if (saturates_int8()) options.AddConfigEntry("session.x64quantprecision", "1");
        try {
            session_ = Ort::Session(env, path.c_str(), options);
        } catch (const Ort::Exception& error) {
            throw Error("ONNX Runtime cannot load " + path + ": " + error.what());
        }
        Ort::AllocatorWithDefaultOptions allocator;
        for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
            outputs_.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
        }
    }

    std::vector<Planes<float>> run(const std::vector<Input>& inputs) override {
        std::vector<const char*> names;
        std::vector<Ort::Value> values;
        for (const Input& input : inputs) {
            names.push_back(input.name);
            values.push_back(tensor(*input.planes));
        }
        std::vector<const char*> wanted;
        for (const std::string& name : outputs_)
            wanted.push_back(name.c_str());
        try {
            std::vector<Planes<float>> results;
            for (const Ort::Value& value :
                 session_.Run(Ort::RunOptions{nullptr}, names.data(), values.data(), values.size(),
                              wanted.data(), wanted.size())) {
                results.push_back(planes(value));
            }
            return results;
        } catch (const Ort::Exception& error) {
            throw Error("ONNX Runtime failed in " + path_ + ": " + error.what());
        }
    }

private:
    // A view: ONNX Runtime's interface takes inputs as mutable and does not change them.
    Ort::Value tensor(const Planes<float>& planes) const {
        const std::int64_t shape[] = {1, planes.channels, planes.height, planes.width};
        return Ort::Value::CreateTensor<float>(memory_, const_cast<float*>(planes.values.data()),
                                               planes.values.size(), shape, 4);
    }

    Planes<float> planes(const Ort::Value& value) const {
        const auto type = value.GetTensorTypeAndShapeInfo();
        const std::vector<std::int64_t> shape = type.GetShape();
        const bool fits = type.GetElementType() == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT &&
                          shape.size() == 4 && shape[0] == 1;
        if (!fits) throw Error(path_ + ": expected float32 outputs (1, C, H, W): damaged model");
        Planes<float> result(static_cast<int>(shape[1]), static_cast<int>(shape[2]),
                             static_cast<int>(shape[3]));
        const float* const data = value.GetTensorData<float>();
        result.values.assign(data, data + result.values.size());
        return result;
    }

    std::string path_;
    Ort::Session session_{nullptr};
    Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<std::string> outputs_;
};

// From 1.29 on, builds for Linux report every session to their maker unless this is set before the
// environment is made. A value that the user has set is left alone.
Ort::Env make_environment() {
    setenv("ORT_DISABLE_TELEMETRY", "1", 0);
    return Ort::Env(ORT_LOGGING_LEVEL_FATAL, "tcs");
}

class OrtEngine : public Engine {
public:
    explicit OrtEngine(int threads) : threads_(threads) {}

    std::string device() const override { return "cpu"; }

    std::unique_ptr<Graph> load(const Model& model, const Precision& precision,
                                bool analysis) override {
        return std::make_unique<OrtGraph>(env_, model.graph_path(precision, analysis), threads_);
    }

private:
    Ort::Env env_ = make_environment();
    int threads_;
};

}  // namespace

const std::vector<EngineOption>& engine_options() {
    static const std::vector<EngineOption> options = {
        {"--threads", "N  threads inside a graph (default: all CPUs of the affinity mask)"}};
    return options;
}

std::unique_ptr<Engine> open_engine(const std::map<std::string, std::string>& options) {
    int threads = static_cast<int>(std::thread::hardware_concurrency());
    if (threads < 1) threads = 1;
    const auto found = options.find("--threads");
    if (found != options.end()) {
        threads = static_cast<int>(parse_number("--threads", found->second, 1, 1024));
    }
    return std::make_unique<OrtEngine>(threads);
}

}  // namespace example
