// What a failed system call looks like to its caller: what was tried, on what, and errno.
//
//     Result<UniqueFd> file = open_file(path, O_RDONLY);
//     if (!file) { report(file.error().message()); }
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace antsrun {

struct Error {
    // What was tried and on what: "open 'jobs.txt'".
    std::string what;
    // errno, or 0 if the text says everything.
    int code = 0;

    // "open 'jobs.txt': No such file or directory"
    std::string message() const;
};

// The error of the call that just failed.
Error last_error(std::string what);

// A value, or why there is none.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& operator*() { return std::get<0>(state_); }
    const T& operator*() const { return std::get<0>(state_); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }
    const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

}  // namespace antsrun
