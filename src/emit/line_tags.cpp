#include "emit/line_tags.hpp"

#include <cstring>

namespace antsrun {
namespace {

// No new line is begun in a text that has this size.
constexpr std::size_t kEnough = 64 * 1024;

// One for all jobs of a carrier: it is never in use across a wait.
std::string& text_buffer() {
    thread_local std::string buffer;
    buffer.clear();
    return buffer;
}

// The first line of `bytes` with its newline, or all of it if it has none.
std::string_view first_line(std::string_view bytes) {
    const void* newline = std::memchr(bytes.data(), '\n', bytes.size());
    if (newline == nullptr) {
        return bytes;
    }
    const auto length = static_cast<const char*>(newline) - bytes.data();
    return bytes.substr(0, static_cast<std::size_t>(length) + 1);
}

}  // namespace

std::string_view LineTags::put_before_lines(Stream stream, std::string_view& bytes) {
    std::string& text = text_buffer();
    bool& inside = is_inside_line(stream);
    while (!bytes.empty() && text.size() < kEnough) {
        const std::string_view line = first_line(bytes);
        if (!inside) {
            text += tag_;
        }
        text += line;
        inside = line.back() != '\n';
        bytes.remove_prefix(line.size());
    }
    return text;
}

std::string_view LineTags::end_line(Stream stream) {
    bool& inside = is_inside_line(stream);
    const std::string_view end = is_used() && inside ? "\n" : "";
    inside = false;
    return end;
}

}  // namespace antsrun
