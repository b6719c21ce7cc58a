//! Guards the weekly report, and the answers to single questions, as their readers meet them: numbers
//! against a count of their own, links, hostile text in every field, signatures, pseudonyms, and the
//! page in a browser.

mod browser;
mod extracts;
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
