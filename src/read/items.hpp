// Records from values that are known: those after ":::" on the command line. Control thread only.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

class Items : public RecordSource {
public:
    explicit Items(std::vector<std::string> values) : values_(std::move(values)) {}

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return {}; }

private:
    std::vector<std::string> values_;
    std::size_t next_ = 0;
};

}  // namespace antsrun
