// All records of a source in random order: the same order for the same seed, on every machine. The
// first is given out when all have been read. Control thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

class Shuffle : public RecordSource {
public:
    // Without a seed, another order each time.
    Shuffle(std::unique_ptr<RecordSource> records, std::optional<std::uint64_t> seed);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return records_->error(); }

private:
    ants::Task<> read_all();
    void shuffle();
    std::uint64_t draw(std::uint64_t count);

    const std::unique_ptr<RecordSource> records_;
    std::mt19937_64 random_;
    bool has_read_ = false;
    std::vector<Record> all_;  // what was not given out yet; the next one is the last
};

}  // namespace antsrun
