//! Guards what the weekly page counts: the figures equal a plain count of the events, and an event
//! is counted once, however many inputs and runs tell it.

#[path = "../hospital/mod.rs"]
mod hospital;
#[path = "../house/mod.rs"]
mod house;
mod once;
mod page;
mod twin;
mod weeks;
