// What was asked for about blocks of the input (--pipe, --pipepart). A plain value, made by the
// command line's reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace antsrun {

struct BlocksConfig {
    enum class From {
        none,            // the input is no blocks but arguments
        standard_input,  // --pipe
        file,            // --pipepart
    };
    From from = From::none;
    std::string file;
    // --block, in bytes; a record longer than that makes a longer block.
    std::uint64_t block_size = 1024 * 1024;
    // --block -N, of a file: so many blocks for each slot. 0: as large as block_size.
    std::uint64_t blocks_per_slot = 0;
    // -N: so many records in a block; 0: as many as its size allows.
    std::uint64_t most_records = 0;
    // --round-robin: the blocks go to as many jobs as there are slots, whoever is ready for one.
    bool round_robin = false;
    // A record ends where `record_end` is followed by `record_start`. One of them may be empty.
    std::string record_end = "\n";
    std::string record_start;
    // --regexp: both are regular expressions.
    bool are_patterns = false;
    // --rrs: without them.
    bool removes_separators = false;
    // --header: so many lines at the beginning go to every job.
    std::uint64_t header_lines = 0;
};

}  // namespace antsrun
