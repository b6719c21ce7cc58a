//! The log source a rule states, in Sigma's three words.
//!
//! Takes words; says whether all of them are stated alike elsewhere. Never knows which formats
//! there are.

/// A log source as a rule, a filter or an event states it. Other keys of `logsource`, such as
/// `definition`, are not evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedSource {
    /// `category`.
    pub category: Option<String>,
    /// `product`.
    pub product: Option<String>,
    /// `service`.
    pub service: Option<String>,
}

impl StatedSource {
    /// True when `other` states alike whatever this one states; what this one leaves out is not
    /// asked for.
    pub fn is_stated_by(&self, other: &StatedSource) -> bool {
        self.words()
            .into_iter()
            .zip(other.words())
            .all(|(asked, told)| asked.is_none() || asked == told)
    }

    /// True when it states nothing.
    pub fn is_empty(&self) -> bool {
        self.words().iter().all(Option::is_none)
    }

    /// Category, product and service.
    pub fn words(&self) -> [Option<&str>; 3] {
        let Self {
            category,
            product,
            service,
        } = self;
        [category.as_deref(), product.as_deref(), service.as_deref()]
    }
}

impl std::fmt::Display for StatedSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.words().into_iter().flatten().collect();
        f.write_str(&words.join(" / "))
    }
}
