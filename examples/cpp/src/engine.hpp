// What an engine is: it loads graphs and runs them on float32 planes. Each program links one:
// engine_ort.cpp (ONNX Runtime) or engine_trt.cpp (TensorRT).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model.hpp"
#include "planes.hpp"

namespace example {

// A graph's input of shape (1, channels, height, width).
struct Input {
    const char* name;
    const Planes<float>* planes;
};

class Graph {
public:
    virtual ~Graph() = default;

    // The outputs in the graph's own order, each of shape (1, channels, height, width).
    // Throws Error where the runtime fails.
    virtual std::vector<Planes<float>> run(const std::vector<Input>& inputs) = 0;
};

class Engine {
public:
    virtual ~Engine() = default;

    // The name that manifests list default precisions by.
    virtual std::string device() const = 0;

    // Throws Error where the model's files are damaged or the runtime refuses them.
    virtual std::unique_ptr<Graph> load(const Model& model, const Precision& precision,
                                        bool analysis) = 0;
};

// An engine's own option of the command line.
struct EngineOption {
    std::string name;
    std::string help;
};

const std::vector<EngineOption>& engine_options();

// `options` holds those that were given. Throws Error or UsageError where it cannot run.
std::unique_ptr<Engine> open_engine(const std::map<std::string, std::string>& options);

}  // namespace example
