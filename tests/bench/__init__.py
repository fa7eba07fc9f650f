"""The benchmarks: `make bench`. They measure and promise nothing; what must hold is a test."""
