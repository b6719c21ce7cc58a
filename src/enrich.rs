//! Room `enrich`.
