#include "app/findings.h"

#include "app/terminal.h"

namespace aforro::app {

std::string counted(const verify::Findings& findings) {
  std::string text;
  for (const auto& [what, number] : findings.counts()) {
    text += (text.empty() ? "" : ", ") + std::string(what) + ' ' + with_separators(number);
  }
  return text;
}

void write_counted(JsonWriter& json, const verify::Findings& findings) {
  json.begin_object();
  for (const auto& [what, number] : findings.counts()) {
    std::string name(what);
    for (char& c : name) c = c == ' ' ? '_' : c;
    json.key(name).number(number);
  }
  json.end_object();
}

std::string fault_lines(const verify::Findings& findings) {
  std::string lines;
  for (const verify::Check check : verify::kChecks) {
    const auto& named = findings.named(check);
    const std::string kind(to_string(check));
    for (const std::string& detail : named) lines += kind + ": " + on_one_line(detail) + '\n';
    const auto more = findings.fault_count(check) - static_cast<std::int64_t>(named.size());
    if (more > 0) lines += kind + ": and " + with_separators(more) + " more\n";
  }
  return lines;
}

std::string counted_faults(const verify::Findings& findings) {
  return with_separators(findings.fault_count()) + (findings.fault_count() == 1 ? " fault" : " faults");
}

void remark_left_out(Session& session, const verify::Findings& findings) {
  for (const std::string& what : findings.left_out()) session.remark("left out: " + on_one_line(what));
}

}  // namespace aforro::app
