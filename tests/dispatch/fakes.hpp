// What the tests of the dispatcher put behind its seams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

// Jobs 1 to `count`.
class NumberedJobs : public JobSource {
public:
    explicit NumberedJobs(std::uint64_t count) : count_(count) {}
    ants::Task<std::optional<Job>> next() override {
        if (given_ == count_) {
            co_return std::nullopt;
        }
        Job job;
        job.seq = ++given_;
        job.arguments = {std::to_string(given_)};
        job.total = count_;
        co_return job;
    }
    std::string error() const override { return {}; }
    std::uint64_t given() const { return given_; }

private:
    const std::uint64_t count_;
    std::uint64_t given_ = 0;
};

// A job's command is its number.
class NumberRenderer : public Renderer {
public:
    Command render(const Job& job, int /*slot*/) const override {
        Command command;
        command.line = job.arguments.front();
        return command;
    }
};

}  // namespace antsrun
