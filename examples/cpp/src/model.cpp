#include "model.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "error.hpp"
#include "tcs/sha256.hpp"

namespace example {
namespace {

using Json = nlohmann::ordered_json;

// The format that this reader was written for; the one before knew codecs alone, without a digest.
constexpr int kFormat = 2;
constexpr int kCodecsOnly = 1;

// A name that stays within its folder.
bool is_file_name(const Json& value) {
    if (!value.is_string()) return false;
    const auto& name = value.get_ref<const std::string&>();
    const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
        return c == '/' || c == '\\' || std::iscntrl(static_cast<unsigned char>(c)) != 0;
    });
    return plain && !name.empty() && name != "." && name != "..";
}

bool is_digest(const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// One object of the manifest, read field by field.
class Fields {
public:
    Fields(std::string where, const Json& object) : where_(std::move(where)), object_(object) {
        if (!object.is_object()) fail("an object", &object);
    }

    [[noreturn]] void fail(const std::string& expected, const Json* came) const {
        std::string text = came == nullptr ? "nothing" : came->dump();
        if (text.size() > 60) text = text.substr(0, 57) + "...";
        throw Error(where_ + ": damaged manifest: expected " + expected + ", got " + text);
    }

    const Json* find(const std::string& name) const {
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    int whole(const std::string& name, int low, int high, int step = 1) const {
        const Json* const value = find(name);
        const bool holds = value != nullptr && value->is_number_integer() && *value >= low &&
                           *value <= high && value->get<int>() % step == 0;
        if (!holds) {
            fail(name + " as a whole number " + std::to_string(low) + ".." + std::to_string(high) +
                     (step > 1 ? ", a multiple of " + std::to_string(step) : ""),
                 value);
        }
        return value->get<int>();
    }

    std::string text(const std::string& name) const {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_string() || value->get<std::string>().empty()) {
            fail(name + " as a text", value);
        }
        return value->get<std::string>();
    }

    bool truth(const std::string& name, bool otherwise) const {
        const Json* const value = find(name);
        if (value == nullptr) return otherwise;
        if (!value->is_boolean()) fail(name + " as true or false", value);
        return value->get<bool>();
    }

    std::string file(const std::string& name) const {
        const Json* const value = find(name);
        if (value == nullptr || !is_file_name(*value)) {
            fail(name + " as the plain name of a file in the folder", value);
        }
        return value->get<std::string>();
    }

    const Json& object(const std::string& name) const {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_object()) fail(name + " as an object", value);
        return *value;
    }

    std::vector<std::string> files(const std::string& name) const {
        const Json* const value = find(name);
        if (value == nullptr || !value->is_array() ||
            !std::all_of(value->begin(), value->end(), is_file_name)) {
            fail(name + " as a list of plain file names", value);
        }
        return value->get<std::vector<std::string>>();
    }

private:
    std::string where_;
    const Json& object_;
};

Precision read_precision(const std::string& where, const std::string& name, const Json& row) {
    const Fields fields(where + ", precision " + name, row);
    Precision read{name, fields.file("analysis"), fields.file("synthesis"), fields.files("files")};
    for (const std::string& graph : {read.analysis, read.synthesis}) {
        const bool listed =
            std::find(read.files.begin(), read.files.end(), graph) != read.files.end();
        // Or it would be loaded unchecked.
        if (!listed) fields.fail(graph + " among the files", fields.find("files"));
    }
    return read;
}

std::map<std::string, std::string> read_digests(const Fields& fields) {
    std::map<std::string, std::string> digests;
    for (const auto& [file, digest] : fields.object("sha256").items()) {
        if (!is_digest(digest)) fields.fail("64 hex digits as sha256 of " + file, &digest);
        digests[file] = digest.get<std::string>();
    }
    return digests;
}

// A digest of all other fields, so that no value changes unseen (tcsdk/model/manifest.py).
void check_digest(const Fields& fields, const Json& manifest) {
    nlohmann::json said = manifest;  // with its keys sorted
    said.erase("digest");
    const std::string text = said.dump(-1, ' ', true);
    const std::string expected = sha256_hex(Bytes(text.begin(), text.end()));
    if (fields.text("digest") != expected) {
        fields.fail("digest " + expected + " of its values", fields.find("digest"));
    }
}

}  // namespace

std::string sha256_hex(const Bytes& data) {
    static const char* const digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : tcs::sha256(data.data(), data.size())) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

Model read_model(const std::string& folder) {
    const std::string path = folder + "/manifest.json";
    const Bytes data = read_file(path);
    const Json json = Json::parse(data.begin(), data.end(), nullptr, false);
    if (json.is_discarded()) throw Error(path + ": damaged manifest: expected JSON");
    const Fields fields(path, json);
    const int format = fields.whole("format", 0, 65535);
    if (format != kFormat && format != kCodecsOnly) {
        throw Error(path + ": expected manifest format " + std::to_string(kCodecsOnly) + " or " +
                    std::to_string(kFormat) + ", got " + std::to_string(format) +
                    "; a newer version may read it");
    }
    if (format == kFormat && fields.text("task") != "codec") {
        fields.fail("a model of the task codec", fields.find("task"));
    }
    Model model;
    model.folder = folder;
    model.family = fields.text("family");
    model.wire_id = fields.whole("wire_id", 0, 0xFFFF);
    model.latent = fields.whole("latent", 1, 0xFFFF);
    model.hyper = fields.whole("hyper", 1, 0xFFFF);
    model.halo = fields.whole("halo", 0, 0xFFC0, 64);
    model.default_quality = fields.whole("default_quality", 0, 63);
    model.adaptive = fields.truth("adaptive", false);
    model.bundle = fields.file("bundle");
    model.sha256 = read_digests(fields);
    for (const auto& [name, row] : fields.object("precisions").items()) {
        model.precisions.push_back(read_precision(path, name, row));
    }
    if (model.precisions.empty()) fields.fail("a precision", fields.find("precisions"));
    for (const auto& [device, name] : fields.object("default_precision").items()) {
        if (!name.is_string()) fields.fail("default_precision as texts", &name);
        model.default_precision[device] = name.get<std::string>();
    }
    if (format == kFormat) check_digest(fields, json);
    return model;
}

const Precision& Model::precision_for(const std::string& device, const std::string& name) const {
    const auto preferred = default_precision.find(device);
    std::string wanted = name;
    if (wanted.empty()) {
        wanted = preferred == default_precision.end() ? precisions.front().name : preferred->second;
    }
    std::string known;
    for (const Precision& precision : precisions) {
        if (precision.name == wanted) return precision;
        known += (known.empty() ? "" : ", ") + precision.name;
    }
    throw UsageError("model " + family + " has no precision '" + wanted + "'; it has " + known);
}

Bytes Model::read_checked(const std::string& file) const {
    const std::string path = folder + "/" + file;
    Bytes data = read_file(path);
    const auto listed = sha256.find(file);
    const std::string expected = listed == sha256.end() ? "none in the manifest" : listed->second;
    const std::string came = sha256_hex(data);
    if (came != expected) {
        throw Error(path + ": expected SHA-256 " + expected + ", got " + came +
                    "; install the model again");
    }
    return data;
}

std::string Model::graph_path(const Precision& precision, bool analysis) const {
    const std::string& graph = analysis ? precision.analysis : precision.synthesis;
    const std::string& other = analysis ? precision.synthesis : precision.analysis;
    for (const std::string& file : precision.files) {
        if (file != other || other == graph) read_checked(file);
    }
    return folder + "/" + graph;
}

}  // namespace example
