//! Yomawari walks the logs of a hospital, clinic or pharmacy every night and says what it saw,
//! what it could not see, and what needs a person.
//!
//! ```text
//! input ── frame ── format ── enrich ── filter ║ merge ── detect ── alert ── sink
//! bytes   Segment  Record     Event     Facts  ║ Facts    Alert     Alert    bytes
//!        read in turns │ N workers, no memory  ║ event-time order, all memory
//! ```
//!
//! Left of the bar everything is a pure function of one segment. Right of it stand order and
//! state. A room uses only the rooms above it in this list; `tests/layers.rs` reads the list and
//! holds them to it.

#![forbid(unsafe_code)]

/// What the user got wrong, said so that it can be mended.
pub mod diagnostic;

/// Encodings, width and case folding, spelling of addresses, eras, safe display.
pub mod text;

/// A file → values with positions.
pub mod yaml;

/// An instant → business hours, holiday, roster.
pub mod calendar;

/// The vocabulary: fields, actions, events, times, rejects, ledger.
pub mod event;

/// Paths and stdin → plain byte streams.
pub mod input;

/// Bytes → segments of whole records.
pub mod frame;

/// Record → events or reject; one file a format.
pub mod format;

/// Devices, staff, accounts, patients, declarations, networks → lookups valid at a time.
pub mod register;

/// Event → derived fields, worked out when a rule asks for them.
pub mod enrich;

/// Level, evidence, identity.
pub mod alert;

/// YAML → checked rule, its matcher, its tests as data.
pub mod rule;

/// Facts → sorted runs in temporary files and back.
pub mod spill;

/// Facts in order → alerts.
pub mod detect;

/// What is remembered between runs: one SQLite file.
pub mod store;

/// Maintenance from afar against the work plan.
pub mod reconcile;

/// Alerts and ledger → table, JSON lines, CSV.
pub mod sink;

/// A week from the store, or an answer of the logs → one self-contained page, a workbook, or JSON.
pub mod report;

/// Wires the rooms.
pub mod pipeline;

/// Arguments → plan → run.
pub mod cli;
