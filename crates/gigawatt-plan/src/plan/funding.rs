//! How parts of a plan are paid for by somebody else's money.

use serde::{Deserialize, Serialize};

use super::Input;
use crate::period::Moment;
use crate::quantity::{Duration, Money, Ratio};

/// What a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundingKind {
    /// Money that owners pay in; nothing is paid back.
    Equity,
    /// Money that is borrowed against interest and paid back in equal parts over the term.
    Debt,
    /// A lessor builds and owns; the company carries the asset and the liability, and the principal that it pays
    /// back counts as its capital expenditure.
    FinanceLease,
    /// A lessor builds and owns, off the balance sheet; the company pays rent.
    OperatingLease,
    /// A venture builds and owns, off the balance sheet; partners pay their share of it, the company pays the
    /// rest as a contribution and rents the whole.
    JointVenture,
}

impl FundingKind {
    /// All kinds with the words in which they are written.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Equity, "equity"),
        (Self::Debt, "debt"),
        (Self::FinanceLease, "finance lease"),
        (Self::OperatingLease, "operating lease"),
        (Self::JointVenture, "joint venture"),
    ];

    /// As it is written.
    pub fn words(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether what it pays for is spent by somebody else and so is no capital expenditure of the company.
    pub fn spends_elsewhere(self) -> bool {
        matches!(self, Self::FinanceLease | Self::OperatingLease | Self::JointVenture)
    }
}

/// A contract over parts of the plan's capital expenditure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingPlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it is.
    pub kind: FundingKind,
    /// Lots whose hardware it pays for, as indices.
    pub lots: Vec<usize>,
    /// Sites whose halls it pays for, as indices.
    pub sites: Vec<usize>,
    /// First spending that it covers.
    pub since: Moment,
    /// Part of the covered spending that it finances.
    pub share: Input<Ratio>,
    /// Part of a venture's money that the partners bring; everything for other kinds.
    pub partner_share: Option<Input<Ratio>>,
    /// Interest by the year; `None` for equity.
    pub rate: Option<Input<Ratio>>,
    /// Over how long each part is paid back; `None` for equity.
    pub term: Option<Input<Duration>>,
    /// When paying starts; interest before that is added to what is owed.
    pub starts: Moment,
}

/// Somebody who has said that a company will get money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Investor {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What was announced, in total from each day on.
    pub announced: Vec<(Moment, Input<Money>)>,
    /// What is committed or at hand, likewise.
    pub committed: Vec<(Moment, Input<Money>)>,
}
