//! Guards the report by mail: what a server of the test gets is the page and its sentences, and
//! what a server refuses is said. The server is one: it speaks SMTP over a socket.

#[path = "../folder/mod.rs"]
mod folder;
#[allow(dead_code, reason = "the tests of the page use the rest of it")]
#[path = "../page/hospital.rs"]
mod hospital;
mod letter;
mod refused;
mod sent;
mod server;
mod slips;
