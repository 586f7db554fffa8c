// The program at a terminal (a pseudo-terminal, of 100 columns where nothing else is said): standard input,
// output and error are one, and a person types into it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/program.h"

namespace aforro::test {

class Terminal {
 public:
  explicit Terminal(const std::vector<std::string>& arguments, Setting setting = {},
                    unsigned short columns = 100);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  // Waits until this is on the screen after what was waited for before. False if it does not come in time.
  bool waits_for(std::string_view text);
  // Waits until what is typed does not show. False if it goes on showing.
  bool is_silent() const;
  // Whether what is typed shows now.
  bool echoes() const;

  void type(std::string_view keys);

  // Waits for the end of the program: its exit status, or minus the signal that killed it.
  int finish();

  // All that was shown so far, line breaks as the terminal makes them ("\r\n").
  const std::string& screen() const { return screen_; }

 private:
  bool read_some(std::chrono::milliseconds patience);

  int ours_ = -1;
  std::chrono::milliseconds timeout_;
  std::string screen_;
  std::size_t seen_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace aforro::test
