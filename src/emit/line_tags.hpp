// The tag before each line of a job's output (--tag), put there as the bytes pass. What is a line
// is known across calls, for each stream by itself: however its bytes are cut into pieces, a line
// gets one tag. Belongs to one thread at a time, as the output it is for.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "job/seams.hpp"

namespace antsrun {

class LineTags {
public:
    // Before the first bytes. Empty: none.
    void set(std::string_view tag) { tag_ = tag; }
    bool is_used() const { return !tag_.empty(); }

    // Take some of `bytes` away from its front and return them with a tag before each line that
    // begins in them. Bounded, however short the lines and long the tag. The result is good until
    // the next call in this thread.
    std::string_view put_before_lines(Stream stream, std::string_view& bytes);

    // No more bytes will come: a newline if the last line lacks one, else nothing.
    std::string_view end_line(Stream stream);

private:
    bool& is_inside_line(Stream stream) { return inside_line_[stream == Stream::out ? 0 : 1]; }

    std::string tag_;
    std::array<bool, 2> inside_line_{};
};

}  // namespace antsrun
