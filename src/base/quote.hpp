// Text for shells, terminals and reports. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antsrun {

// A shell reads it as it stands: it is not empty and has only letters, digits and _-./,:@%+.
bool is_bare_word(std::string_view word);

// A word of shell text that a POSIX shell reads as exactly these bytes: bare if it has only safe
// characters, in single quotes otherwise.
std::string quote(std::string_view word);

// Append a value that stands between single quotes.
void append_single_quoted(std::string_view value, std::string& text);

// Words as a shell splits them, with quotes and backslashes; nothing else is special. None if a
// quote does not end.
std::optional<std::vector<std::string>> split_quoted(std::string_view text);

// For a terminal: control characters (C0, DEL, C1) and bytes that are not UTF-8 as \n, \t, \xNN, so
// that nothing in the text can drive it.
std::string escape_for_terminal(std::string_view text);

bool is_utf8(std::string_view text);

// Bytes that are not UTF-8 as \xNN, the rest as it is.
std::string to_utf8_escaped(std::string_view text);

}  // namespace antsrun
