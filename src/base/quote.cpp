#include "base/quote.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace antsrun {
namespace {

bool is_safe(char c) {
    constexpr std::string_view kSafe = "_-./,:@%+";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSafe.find(c) != std::string_view::npos;
}

// The character that `text` begins with, and its length in bytes: 0 if it is not UTF-8 (too short,
// overlong, a surrogate, beyond U+10FFFF).
struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return {};
    }
    std::uint32_t code = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return {};
        }
        code = code << 6 | (byte(i) & 0x3f);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < kLeast[length] || is_surrogate || code > 0x10ffff) {
        return {};
    }
    return {code, length};
}

std::string escaped_byte(char c) { return fmt::format("\\x{:02x}", static_cast<unsigned char>(c)); }

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::string escaped_control(char c) {
    switch (c) {
        case '\n': return "\\n";
        case '\t': return "\\t";
        case '\r': return "\\r";
        default: return escaped_byte(c);
    }
}

}  // namespace

bool is_bare_word(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), is_safe);
}

std::string quote(std::string_view word) {
    if (is_bare_word(word)) {
        return std::string(word);
    }
    std::string quoted = "'";
    append_single_quoted(word, quoted);
    return quoted += '\'';
}

void append_single_quoted(std::string_view value, std::string& text) {
    for (const char c : value) {
        if (c == '\'') {
            text += "'\\''";
        } else {
            text += c;
        }
    }
}

std::optional<std::vector<std::string>> split_quoted(std::string_view text) {
    std::vector<std::string> words;
    bool is_in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_blank = c == ' ' || c == '\t' || c == '\n';
        if (quote == 0 && is_blank) {
            is_in_word = false;
            continue;
        }
        if (!std::exchange(is_in_word, true)) {
            words.emplace_back();
        }
        const bool protects =
            c == '\\' && i + 1 < text.size() &&
            (quote == 0 || (quote == '"' && (text[i + 1] == '"' || text[i + 1] == '\\')));
        if (protects) {
            words.back() += text[++i];
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else {
            words.back() += c;
        }
    }
    return quote == 0 ? std::optional(std::move(words)) : std::nullopt;
}

std::string escape_for_terminal(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::size_t length = std::max<std::size_t>(1, character.length);
        if (character.length == 0) {
            safe += escaped_byte(text.front());
        } else if (!is_control(character.code)) {
            safe += text.substr(0, length);
        } else if (length == 1) {
            safe += escaped_control(text.front());
        } else {
            safe += fmt::format("\\x{:02x}", character.code);
        }
        text.remove_prefix(length);
    }
    return safe;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Character character = first_character(text);
        if (character.length == 0) {
            return false;
        }
        text.remove_prefix(character.length);
    }
    return true;
}

std::string to_utf8_escaped(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        if (character.length == 0) {
            escaped += escaped_byte(text.front());
        } else {
            escaped += text.substr(0, character.length);
        }
        text.remove_prefix(std::max<std::size_t>(1, character.length));
    }
    return escaped;
}

}  // namespace antsrun
