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

namespace fs = std::filesystem;

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const char* verb, const std::string& path) {
    throw Error(std::string("cannot ") + verb + " " + path + ": " + std::strerror(errno));
}

void write_all(const std::string& path, const char* mode, const Bytes& data, bool keep) {
    File file(std::fopen(path.c_str(), mode));
    if (!file) fail("write", path);
    const bool written = std::fwrite(data.data(), 1, data.size(), file.get()) == data.size() &&
                         std::fflush(file.get()) == 0 && (!keep || fsync(fileno(file.get())) == 0);
    if (!written) fail("write", path);
}

// Pipes and character devices are written into and stay what they are.
bool is_pipe_or_device(const fs::path& target) {
    std::error_code ignored;
    const fs::file_status status = fs::status(target, ignored);
    return fs::is_fifo(status) || fs::is_character_file(status);
}

// What may be replaced: nothing yet, or a file; a link stands for the file behind it.
fs::path replaceable(const fs::path& target, bool force) {
    std::error_code ignored;
    const fs::file_status status = fs::status(target, ignored);
    const std::string name = target.string();
    if (!fs::exists(status)) {
        if (fs::is_symlink(fs::symlink_status(target, ignored))) {
            throw Error("cannot write " + name + ": it is a link to nothing");
        }
        return target;
    }
    if (!fs::is_regular_file(status)) {
        throw Error("cannot write " + name + ": expected a file, a pipe or a character device");
    }
    if (!force) throw Error(name + " exists; name another output, or use --force 1");
    return fs::is_symlink(fs::symlink_status(target, ignored)) ? fs::canonical(target) : target;
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

void write_file(const std::string& path, const Bytes& data, bool force) {
    if (is_pipe_or_device(path)) {
        write_all(path, "wb", data, false);
        return;
    }
    std::error_code ignored;
    const fs::path target = replaceable(path, force);
    // Of one length whatever the target's name is: file systems count bytes, 255 of them.
    const fs::path temporary =
        target.parent_path() / (".tcs-" + std::to_string(std::random_device{}()) + ".tmp");
    try {
        write_all(temporary.string(), "wbx", data, true);  // x: never through somebody's link
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
