// What goes wrong, as one line for the user.
#pragma once

#include <stdexcept>
#include <string>

namespace example {

// A file, model or stream cannot be used: exit code 1.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Even the smallest stream of a picture is larger than asked for: exit code 1.
class TargetTooSmallError : public Error {
public:
    using Error::Error;
};

// The command line asks for something that does not exist: exit code 2.
class UsageError : public Error {
public:
    using Error::Error;
};

}  // namespace example
