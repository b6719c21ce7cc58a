//! The words for what a person decided about an alert.

use crate::diagnostic::Lang;

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DispositionWord {
    /// 業務上の理由あり: there was a reason in the work.
    Explained,
    /// 検知条件の誤り: the rule should not have spoken.
    RuleError,
    /// 確認できず: it could not be found out.
    Unclear,
    /// 規程に照らし要対応: to be dealt with by the rules of the house.
    Referred,
    /// 重複: another alert tells the same.
    Duplicate,
}

impl DispositionWord {
    /// All words.
    pub const ALL: [DispositionWord; 5] = [
        DispositionWord::Explained,
        DispositionWord::RuleError,
        DispositionWord::Unclear,
        DispositionWord::Referred,
        DispositionWord::Duplicate,
    ];

    /// The word that is kept.
    pub const fn name(self) -> &'static str {
        match self {
            DispositionWord::Explained => "explained",
            DispositionWord::RuleError => "rule-error",
            DispositionWord::Unclear => "unclear",
            DispositionWord::Referred => "referred",
            DispositionWord::Duplicate => "duplicate",
        }
    }

    /// The word for people.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (_, Lang::En) => self.name(),
            (DispositionWord::Explained, Lang::Ja) => "業務上の理由あり",
            (DispositionWord::RuleError, Lang::Ja) => "検知条件の誤り",
            (DispositionWord::Unclear, Lang::Ja) => "確認できず",
            (DispositionWord::Referred, Lang::Ja) => "規程に照らし要対応",
            (DispositionWord::Duplicate, Lang::Ja) => "重複",
        }
    }

    /// The disposition of this word, in either language.
    pub fn from_word(word: &str) -> Option<DispositionWord> {
        let is_meant = |w: &DispositionWord| w.name() == word || w.word(Lang::Ja) == word;
        DispositionWord::ALL.into_iter().find(is_meant)
    }

    /// The word for people of what is kept; what no version of ours wrote stands as it is.
    pub fn shown(kept: &str, lang: Lang) -> &str {
        DispositionWord::from_word(kept).map_or(kept, |word| word.word(lang))
    }
}
