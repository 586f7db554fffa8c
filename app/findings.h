// What verifying has found, as commands say it.
#pragma once

#include <string>

#include "app/session.h"
#include "base/json_writer.h"
#include "verify/findings.h"

namespace aforro::app {

// "categories 12, products 1,200, stores 24"
std::string counted(const verify::Findings& findings);

// The same as an object of JSON.
void write_counted(JsonWriter& json, const verify::Findings& findings);

// A line for each fault that is named, "stock: store 1, …", and one for the rest of each kind.
std::string fault_lines(const verify::Findings& findings);

// "3 faults"
std::string counted_faults(const verify::Findings& findings);

// Remarks on what could not be looked at.
void remark_left_out(Session& session, const verify::Findings& findings);

}  // namespace aforro::app
