// What a call is refused with, as a value to check.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "http/problem_document.h"

namespace aforro::test {

// The Problem that it throws, if any.
template <class F>
std::optional<Problem> problem_of(F&& call) {
  try {
    call();
  } catch (const Problem& problem) {
    return problem;
  }
  return std::nullopt;
}

// The places that the Problem points at, in order; empty if it throws none.
template <class F>
std::vector<std::string> places_of(F&& call) {
  std::vector<std::string> places;
  const std::optional<Problem> problem = problem_of(call);
  if (!problem) return places;
  for (const Fault& fault : problem->faults().listed()) places.push_back(fault.where);
  return places;
}

// The status that the Problem it throws is answered with; 0 if it throws none.
template <class F>
int status_of(F&& call) {
  const std::optional<Problem> problem = problem_of(call);
  return problem ? http::status_of(problem->kind()) : 0;
}

}  // namespace aforro::test
