// Which command lines need no shell, and what their words are. Pure; any thread.
//
// The rule: execute directly only what a user could not tell from `sh -c`. Anything doubtful is
// left to the shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antsrun {

// The words as a POSIX shell would split them; nothing if the line needs a shell: it has an
// operator, an expansion, an assignment, a comment, an unbalanced quote, or begins with a keyword
// or a builtin. `true`, `false` and `echo` are let through where the program does exactly what the
// builtin does: see is_twin_of_builtin().
std::optional<std::vector<std::string>> split_words(std::string_view line);

// The first word names a builtin that is to be executed from the system's own directory, whatever
// PATH says, because the shell would not have looked there either.
bool is_twin_of_builtin(std::string_view name);

}  // namespace antsrun
