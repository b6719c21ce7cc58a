//! Guards what `rules` tells about rules: trials on logs, the list, and tests that fail.

mod back_test;
#[path = "../folder/mod.rs"]
mod folder;
mod list;
mod tests_inside;

use folder::Ran;
use serde_json::Value;

/// The objects of stdout, one a line.
fn objects(ran: &Ran) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).expect("each line is an object");
    ran.out.lines().map(read).collect()
}
