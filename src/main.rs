//! The binary: calls `cli` and maps its result to an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(yomawari::cli::run(std::env::args_os()) as u8)
}
