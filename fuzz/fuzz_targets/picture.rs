#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = (parsers::target("picture").accepts)(bytes));
