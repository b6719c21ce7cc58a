//! Any bytes as a log of the format `syslog`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| yomawari_fuzz::read_log("syslog", data));
