// The files that the output of a job goes to (--results). Pure; any thread.
//
// DIR without a placeholder: DIR/1/ITEM/2/ITEM2/stdout, with a number, or the column's name, and
// the value of each argument. With one: files called so, and so with .err and .seq at the end; if
// it ends with a slash, stdout, stderr and seq in directories called so.
#pragma once

#include <string>
#include <string_view>

#include "expand/template.hpp"
#include "job/job.hpp"

namespace antsrun {

class ResultPaths {
public:
    ResultPaths(const std::string& directory, const TemplateConfig& placeholders);

    ResultFiles render(const Job& job, int slot) const;

private:
    Template directory_;
};

// An argument as the name of a directory: / is \_, \ is \\, a tab \t; . and .. become \. and \..;
// one that is too long for a file system is cut, with a hash of all of it at its end.
std::string as_file_name(std::string_view argument);

}  // namespace antsrun
