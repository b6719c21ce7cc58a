//! Facts, one by one.

use super::*;
