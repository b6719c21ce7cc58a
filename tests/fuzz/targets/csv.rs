//! Any bytes as a log of the format `csv`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yomawari_fuzz::read_log("csv", data));
