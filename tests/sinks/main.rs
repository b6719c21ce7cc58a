//! Guards what sinks get, through the program: each alert once, what a sink did not take by the
//! next run, and nothing that may not leave the house.

mod config;
mod failing;
#[path = "../folder/mod.rs"]
mod folder;
mod gone;
mod night;
mod privacy;
mod servers;
mod taken;
