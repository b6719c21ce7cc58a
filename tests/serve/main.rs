//! Guards `serve` as browsers and others meet it: who is let in, what the pages show, that a
//! decision enters the store, and that nothing a log says ever acts.

mod browser;
mod closing;
mod door;
#[path = "../folder/mod.rs"]
mod folder;
mod hostile;
#[allow(dead_code, reason = "the tests of the store use the rest of it")]
#[path = "../remembered/keeper.rs"]
mod keeper;
mod pages;
mod served;
