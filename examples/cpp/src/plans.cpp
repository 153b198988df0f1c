#include "plans.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>

#include "error.hpp"

namespace example {
namespace {

using Json = nlohmann::json;

const std::string kMagic = std::string("TCSPLAN") + '\x01';
constexpr std::size_t kMostHeader = 1 << 16;
const char* const kAgain = "; build it again with tcsdk build";

// A plan file: magic, length of the header (u32, little endian), header (JSON), plan.
struct PlanFile {
    std::string path;
    Json header;
    Bytes plan;
};

PlanFile split(const std::string& path, const Bytes& data) {
    const std::size_t start = kMagic.size() + 4;
    if (data.size() < start || !std::equal(kMagic.begin(), kMagic.end(), data.begin())) {
        throw Error(path + " is not a plan of this version" + kAgain);
    }
    std::size_t length = 0;
    for (std::size_t i = start; i-- > kMagic.size();)
        length = length << 8 | data[i];
    if (length > kMostHeader || length > data.size() - start) {
        throw Error("plan " + path + " is damaged: a header of " + std::to_string(length) +
                    " bytes in a file of " + std::to_string(data.size()) + kAgain);
    }
    const auto plan = data.begin() + static_cast<std::ptrdiff_t>(start + length);
    Json header =
        Json::parse(data.begin() + static_cast<std::ptrdiff_t>(start), plan, nullptr, false);
    const bool whole = header.is_object() && header.value("key", Json()).is_object() &&
                       header.value("sha256", Json()).is_string();
    if (!whole)
        throw Error("plan " + path + " is damaged: no key and sha256 in its header" + kAgain);
    return {path, std::move(header), Bytes(plan, data.end())};
}

// What a plan's key calls "model": the digest of a listing of the graph's files.
std::string digest_of(const Model& model, const Precision& precision, bool analysis) {
    const std::string& graph = analysis ? precision.analysis : precision.synthesis;
    const std::string& other = analysis ? precision.synthesis : precision.analysis;
    std::string listing;
    for (const std::string& file :
         std::set<std::string>(precision.files.begin(), precision.files.end())) {
        if (file == other && file != graph) continue;
        const auto digest = model.sha256.find(file);
        if (digest == model.sha256.end()) {
            throw Error(model.folder + "/manifest.json: expected SHA-256 of " + file +
                        ", got nothing");
        }
        listing += file + " " + digest->second + "\n";
    }
    return sha256_hex(Bytes(listing.begin(), listing.end()));
}

std::vector<std::string> plan_files(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code failure;
    std::vector<std::string> paths;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
        if (entry.path().extension() == ".plan") paths.push_back(entry.path().string());
    }
    if (failure) throw Error("cannot read plans in " + folder + ": " + failure.message());
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

Bytes read_plan(const std::string& folder, const Model& model, const Precision& precision,
                bool analysis) {
    const Json wanted = {{"family", model.family},
                         {"precision", precision.name},
                         {"graph", analysis ? "analysis" : "synthesis"},
                         {"model", digest_of(model, precision, analysis)}};
    const std::string what = "plan of " + model.family + "-" + precision.name + " " +
                             (analysis ? "analysis" : "synthesis") + " in " + folder;
    std::optional<PlanFile> found;
    for (const std::string& path : plan_files(folder)) {
        PlanFile file = split(path, read_file(path));
        Json key = file.header["key"];
        const bool same = std::all_of(
            wanted.items().begin(), wanted.items().end(),
            [&key](const auto& field) { return key.value(field.key(), Json()) == field.value(); });
        if (!same) continue;
        if (found) {
            throw Error("expected one " + what + ", got " + found->path + " and " + path +
                        "; keep a folder for each kind of board");
        }
        found = std::move(file);
    }
    if (!found) throw Error("no " + what + "; build it with tcsdk build on a board of this kind");
    const std::string came = sha256_hex(found->plan);
    if (found->header["sha256"] != came) {
        throw Error("plan " + found->path + " is damaged: expected SHA-256 " +
                    found->header["sha256"].get<std::string>() + ", got " + came + kAgain);
    }
    return std::move(found->plan);
}

}  // namespace example
