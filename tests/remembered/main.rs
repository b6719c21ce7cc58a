//! Guards the commands on what is remembered between runs, as their users meet them: `alerts` and
//! `runs`, on a store in a temporary folder.

mod close;
mod decided;
#[path = "../folder/mod.rs"]
mod folder;
mod hostile;
mod keeper;
mod list;
mod runs;
mod show;
mod verify;
