//! Results become text: one file per output.
//!
//! Takes alerts, events, rejects and the account of a run; gives bytes in a total order, made safe
//! for the place they are shown in. Never judges, never decides what is an alert.

pub mod ledger;
