// What the tests share checks by doctest, so that has to be somewhere; there are no tests here.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
