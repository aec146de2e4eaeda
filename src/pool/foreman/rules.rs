//! What settings say, resolved: nothing in here changes while the booth runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::pool::report::Why;
use crate::session::StyleId;

/// What settings say of a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleRules {
    /// Its id.
    pub id: StyleId,
    /// Servers by preference; `None` is any that paints it, in the order of settings.
    pub generators: Option<Vec<String>>,
    /// Attempts that may fail before no server is asked any more.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How long a painting may take in all, waiting included: by then it hangs, from whoever can.
    pub give_up: Duration,
}

/// What settings say of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRules {
    /// Its name.
    pub id: String,
    /// How many paintings it works on at once.
    pub slots: usize,
    /// For each style, in the order of [`Rules::styles`], whether it paints it.
    pub paints: Vec<bool>,
    /// The least time an attempt there gets, however short the style's: a service that bills and
    /// answers late is not cut off early, to be paid again.
    pub least: Duration,
    /// Whether each attempt costs money: one whose answer may still come is never repeated.
    pub billed: bool,
    /// Whether it stands somewhere else: only photos of visitors who agreed go there.
    pub offsite: bool,
    /// For each style, which model paints it: styles of the same number share one, and nothing has
    /// to be loaded for a style without one.
    pub models: Vec<Option<usize>>,
    /// Whether it is the painter in this program: always there, never cold, asked after others.
    pub embedded: bool,
    /// Whether settings list it; one that is not only steps in where no other is in time.
    pub listed: bool,
    /// Whether it is switched on and off by hooks, and so is off at first.
    pub switched: bool,
}

/// How the paintings of one visit are spread over the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spread {
    /// As many at once as there are free servers.
    #[default]
    Parallel,
    /// One after the other.
    Sequential,
}

/// All that the policy goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The styles.
    pub styles: Vec<StyleRules>,
    /// The servers, in the order of settings.
    pub servers: Vec<ServerRules>,
    /// Which of them steps in where no other is in time.
    pub stand_in: Option<usize>,
    /// How a visit's paintings are spread.
    pub spread: Spread,
    /// Whether an idle server repeats what takes strangely long at another.
    pub hedge: bool,
    /// How long a painting waits for servers that are all down before the stand-in steps in.
    pub patience: Duration,
    /// After how long without visitors servers go to rest, and models count as unloaded.
    pub rest_after: Duration,
}

impl Rules {
    /// The style of that id.
    pub fn style(&self, id: &StyleId) -> Option<usize> {
        self.styles.iter().position(|s| s.id == *id)
    }

    /// How long an attempt may take there.
    pub(super) fn timeout(&self, server: usize, style: usize) -> Duration {
        self.styles[style].timeout.max(self.servers[server].least)
    }

    /// Whether `server` may be asked for `style` by its turn (not as the stand-in).
    pub(super) fn serves(&self, server: usize, style: usize) -> bool {
        let s = &self.servers[server];
        s.listed && s.paints[style] && self.allows(server, style)
    }

    /// Whether `server` may step in for `style`.
    pub(super) fn stands_in(&self, server: usize, style: usize) -> bool {
        self.stand_in == Some(server) && self.servers[server].paints[style]
    }

    /// The server that steps in for `style`.
    pub(super) fn stand_in_for(&self, style: usize) -> Option<usize> {
        self.stand_in
            .filter(|&server| self.servers[server].paints[style])
    }

    /// How far down the list of those to ask: the style's own order first; where it has none,
    /// those that cost nothing, those that do, and the embedded painter.
    pub(super) fn rank(&self, server: usize, style: usize) -> usize {
        let named = self.styles[style].generators.as_ref();
        let position =
            named.and_then(|ids| ids.iter().position(|id| *id == self.servers[server].id));
        position.unwrap_or_else(|| {
            let s = &self.servers[server];
            named.map_or(0, Vec::len) + usize::from(s.billed) + 2 * usize::from(s.embedded)
        })
    }

    /// How many kinds of server are preferred to that one for `style`. Servers of one kind that
    /// follow each other in [`Self::rank`] paint side by side; the next kind is asked only where
    /// they would be too late.
    pub(super) fn tier(&self, server: usize, style: usize) -> usize {
        let kind = |server: usize| (self.servers[server].billed, self.servers[server].embedded);
        let mut line: Vec<(usize, usize)> = (0..self.servers.len())
            .filter(|s| self.serves(*s, style))
            .map(|s| (self.rank(s, style), s))
            .filter(|at| *at <= (self.rank(server, style), server))
            .collect();
        line.sort_unstable();
        let changes = line
            .windows(2)
            .filter(|two| kind(two[0].1) != kind(two[1].1));
        changes.count()
    }

    /// Whether an attempt there is the stand-in's: it was asked to step in, or has its turn because
    /// the servers that are preferred to it are not to be had.
    pub(in crate::pool) fn is_stand_in(&self, server: usize, style: usize, why: Why) -> bool {
        why == Why::StandIn || (self.stand_in == Some(server) && self.tier(server, style) > 0)
    }

    fn allows(&self, server: usize, style: usize) -> bool {
        let named = self.styles[style].generators.as_ref();
        named.is_none_or(|ids| ids.contains(&self.servers[server].id))
    }
}
