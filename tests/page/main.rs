//! Guards the weekly report as its readers meet it: its numbers against a count of their own, its
//! links, hostile text in every field, signatures, pseudonyms, and the page in a browser.

mod browser;
#[path = "../folder/mod.rs"]
mod folder;
mod forms;
#[path = "../hospital/mod.rs"]
mod generated;
mod hospital;
mod hostile;
mod large;
mod links;
mod maintenance;
mod masked;
mod numbers;
mod periods;
mod signed;
mod weeks;
