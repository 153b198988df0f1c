// Model folders: the manifest, and files that are what it says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "files.hpp"

namespace example {

// The files of one precision.
struct Precision {
    std::string name;
    std::string analysis;
    std::string synthesis;
    std::vector<std::string> files;  // all that the two graphs need
};

struct Model {
    std::string folder;
    std::string family;
    int wire_id = 0;
    int latent = 0;  // M, channels of r
    int hyper = 0;   // C_z, channels of z_hat
    int halo = 0;    // pixels of context around a tile, a multiple of 64
    int default_quality = 0;
    bool adaptive = false;  // the analysis graph says how much finer blocks want to be coded
    std::string bundle;
    std::vector<Precision> precisions;                     // in the manifest's order
    std::map<std::string, std::string> default_precision;  // by device
    std::map<std::string, std::string> sha256;             // hex digest by file name

    // The precision of this name; the device's default, or the first, for an empty one.
    const Precision& precision_for(const std::string& device, const std::string& name) const;

    // A file's bytes, compared with the manifest's digest.
    Bytes read_checked(const std::string& file) const;

    // The path of a graph, after all files that it needs have been checked.
    std::string graph_path(const Precision& precision, bool analysis) const;
};

// SHA-256 as manifests have it, in hex digits.
std::string sha256_hex(const Bytes& data);

// Reads FOLDER/manifest.json. Throws Error that names the field which is missing or wrong.
Model read_model(const std::string& folder);

}  // namespace example
