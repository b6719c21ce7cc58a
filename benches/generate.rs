//! Writes the logs the benches read, at any size, the same bytes on every machine.
//!
//! ```text
//! generate A|B|C --bytes 1G --out FILE [--seed S]   A router syslog, B records system CSV,
//!                                                   C FHIR AuditEvent NDJSON
//! generate config --out DIR                         config, calendar and register that fit them
//! generate rules --count N --out DIR [--seed S]     rules of upstream shape
//! ```
//!
//! All people, patients and devices are invented. More bytes are more days, never more records a
//! day. What was planted (bursts of failed logins, off-hours access and the rest) is counted on
//! stdout as one line of JSON, so that an answer can be checked.

#[path = "generate/cases.rs"]
mod cases;
#[path = "generate/config.rs"]
mod config;
#[path = "generate/day.rs"]
mod day;
#[path = "generate/ehr.rs"]
mod ehr;
#[path = "generate/fhir.rs"]
mod fhir;
#[path = "generate/hospital.rs"]
mod hospital;
#[path = "generate/out.rs"]
mod out;
#[path = "generate/random.rs"]
mod random;
#[path = "generate/router.rs"]
mod router;
#[path = "generate/rules.rs"]
mod rules;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: generate A|B|C --bytes N[K|M|G] --out FILE [--seed S]\n       \
                     generate config --out DIR\n       \
                     generate rules --count N --out DIR [--seed S]";

struct Arguments {
    what: String,
    bytes: u64,
    count: usize,
    out: PathBuf,
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => return fail(&format!("{message}\n{USAGE}")),
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{}: {error}", arguments.out.display())),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nothing is left to do when even the complaint cannot be written.
    let _ = writeln!(io::stderr(), "{message}");
    ExitCode::from(2)
}

fn run(arguments: &Arguments) -> io::Result<()> {
    if arguments.what == "config" {
        return config::write(&arguments.out);
    }
    if arguments.what == "rules" {
        std::fs::create_dir_all(&arguments.out)?;
        for (name, text) in rules::files(arguments.count, arguments.seed) {
            std::fs::write(arguments.out.join(name), text)?;
        }
        return Ok(());
    }
    let mut out = out::Out::create(&arguments.out, arguments.bytes)?;
    let planted = match arguments.what.as_str() {
        "A" => router::write(&mut out, arguments.seed),
        "B" => ehr::write(&mut out, arguments.seed),
        _ => fhir::write(&mut out, arguments.seed),
    }?;
    let (bytes, rows) = out.finish()?;
    writeln!(
        io::stdout(),
        "{{\"bytes\":{bytes},\"rows\":{rows},{}}}",
        planted.json()
    )
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let what = words.next().ok_or("what is to be generated?")?;
    if !["A", "B", "C", "config", "rules"].contains(&what.as_str()) {
        return Err(format!("unknown work \"{what}\""));
    }
    let mut arguments = Arguments {
        what,
        bytes: 50_000_000,
        count: 1_000,
        out: PathBuf::new(),
        seed: 1,
    };
    while let Some(flag) = words.next() {
        let value = words.next().ok_or(format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--bytes" => arguments.bytes = size(&value).ok_or(format!("no size: {value}"))?,
            "--count" => {
                arguments.count = value.parse().map_err(|_| format!("no number: {value}"))?;
            }
            "--out" => arguments.out = PathBuf::from(value),
            "--seed" => arguments.seed = value.parse().map_err(|_| format!("no seed: {value}"))?,
            _ => return Err(format!("unknown option {flag}")),
        }
    }
    match arguments.out.as_os_str().is_empty() {
        true => Err("--out is needed".to_owned()),
        false => Ok(arguments),
    }
}

/// A size with a decimal unit: `50M` is 50,000,000.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits)?.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
