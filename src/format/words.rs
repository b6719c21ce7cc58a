//! The words logs use for what happened and how it ended, in Japanese and English, and how
//! identifiers, addresses and times are written. Shared by the formats.
