//! Benchmarks of the emulator and the client.
