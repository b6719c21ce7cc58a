//! Guards `watch` as its users meet it: alerts come before the input ends, and at the end they are
//! those of a scan of the same records, through any split, rotation, signal or crash. No test
//! depends on how fast the computer is: what has to come is waited for.

mod counted;
mod files;
#[path = "../folder/mod.rs"]
mod folder;
mod kept;
mod logs;
mod program;
mod stdin;
mod tools;
