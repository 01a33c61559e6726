// The read stage put together: from what was asked for to one RecordSource that gives the records
// of all jobs, in order. Each source goes through
//
//     Source or Items -> CsvRecords -> Filter -> Columns -> Header
//
// as far as asked for; then they are combined (Linked, Product or InStep), then shuffled. Records
// flow one at a time: the first is given out as soon as the sources allow.
//
// Control thread only.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "job/seams.hpp"
#include "read/records_config.hpp"

namespace antsrun {

// Opens all files, so that a missing one is known before the first job. An error also if the column
// separator is none.
Result<std::unique_ptr<RecordSource>> open_records(RecordsConfig config);

}  // namespace antsrun
