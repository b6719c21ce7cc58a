//! The arguments of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Ruling, StoreOption, examples};
use crate::cli::value::{self, Moment};

/// `serve`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::SERVE)]
pub struct Serve {
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
    /// Which rules.
    #[command(flatten)]
    pub ruling: Ruling,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8040")]
    pub listen: SocketAddr,
    /// Answer other computers too, where --listen names such an address.
    #[arg(long)]
    pub open_to_network: bool,
    /// A name by which browsers may call it, such as that of a web server before it; may be
    /// repeated.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Take the token from this file, and make it where there is none; it is not printed then.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print names of persons and the records on the page of the week; each look is written down.
    #[arg(long)]
    pub names: bool,
    /// The time to take for now, for tests.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub now: Option<Moment>,
}
