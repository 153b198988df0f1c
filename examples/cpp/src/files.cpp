#include "files.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <system_error>

#include "error.hpp"

namespace example {
namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const char* verb, const std::string& path) {
    throw Error(std::string("cannot ") + verb + " " + path + ": " + std::strerror(errno));
}

void write_new(const std::string& path, const Bytes& data) {
    File file(std::fopen(path.c_str(), "wbx"));  // x: never through somebody's link
    if (!file) fail("write", path);
    const bool written = std::fwrite(data.data(), 1, data.size(), file.get()) == data.size() &&
                         std::fflush(file.get()) == 0 && fsync(fileno(file.get())) == 0;
    if (!written) fail("write", path);
}

}  // namespace

Bytes read_file(const std::string& path) {
    const File file(std::fopen(path.c_str(), "rb"));
    if (!file) fail("read", path);
    Bytes data;
    std::uint8_t part[65536];
    while (const std::size_t count = std::fread(part, 1, sizeof part, file.get())) {
        data.insert(data.end(), part, part + count);
    }
    if (std::ferror(file.get()) != 0) fail("read", path);
    return data;
}

void write_file(const std::string& path, const Bytes& data) {
    namespace fs = std::filesystem;
    const fs::path target(path);
    const std::string name =
        "." + target.filename().string() + "." + std::to_string(std::random_device{}()) + ".tmp";
    const fs::path temporary = target.parent_path() / name;
    std::error_code ignored;
    try {
        write_new(temporary.string(), data);
        fs::rename(temporary, target);
    } catch (const Error&) {
        fs::remove(temporary, ignored);
        throw;
    } catch (const fs::filesystem_error& error) {
        fs::remove(temporary, ignored);
        throw Error("cannot write " + path + ": " + error.code().message());
    }
}

}  // namespace example
