//! Which press a picture belongs to: the one rule that every driver follows, without any I/O.
//!
//! Somebody waits from the countdown's start ([`Presses::arm`]) to the shot's end; a picture that
//! begins within that time is the shot, whoever released the shutter. Whatever else arrives is
//! nobody's. A press that ends without its picture leaves a debt: that picture may still come, and
//! must not be taken for the next visitor's. So before the next press the camera is drained: until
//! the driver says that nothing is left ([`Presses::is_drained`]), or until nothing can come any
//! more. A picture that comes meanwhile proves nothing, for it may be of a hand; and after each
//! picture that is nobody's the camera must be quiet for a moment. The first picture after a debt
//! that none seems to have paid is held for a moment: if another follows, that one is the shot.

use std::time::Duration;

/// A countdown that no press follows is over.
const ARMED_FOR: Duration = Duration::from_secs(30);

/// What is known of a picture that has arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// When the first of it was seen here.
    pub(super) begun: Duration,
    /// Its bytes are those of a picture that has been here already.
    pub(super) is_twin: bool,
}

/// How patient a driver is with pictures that are late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// So long a press is waited for.
    pub(super) within: Duration,
    /// So long after that its picture may still come by itself.
    pub(super) late: Duration,
    /// So long a picture that may be of the press before is held back, for another that may follow.
    pub(super) hold: Duration,
    /// So long it must be quiet after a picture that is nobody's: it may come twice.
    pub(super) quiet: Duration,
}

/// Who waits for a picture, and for how many pictures nobody waits any more.
///
/// All times are of one monotonic clock. Pictures of type `P` are kept in here until their press
/// takes them, and dropped as soon as they are nobody's.
#[derive(Debug)]
pub(super) struct Presses<P> {
    patience: Patience,
    waiting: Option<Waiting<P>>,
    /// The picture of a press that is over may still come.
    is_owed: bool,
    /// One has come since.
    is_paid: bool,
    /// Until then no press is made, and what arrives is nobody's.
    dirty_until: Duration,
    /// The last debt was never paid: the picture may exist after all.
    is_doubtful: bool,
}

#[derive(Debug)]
struct Waiting<P> {
    since: Duration,
    /// When the booth's own press came; before it there is only the countdown.
    pressed: Option<Duration>,
    shot: Option<Held<P>>,
}

#[derive(Debug)]
struct Held<P> {
    picture: P,
    /// From then on no other picture is waited for.
    sure: Duration,
}

/// What a press has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// Release the shutter.
    Release,
    /// Nothing: a hand on the camera has released it during the countdown.
    Taken,
    /// Drain the camera first: it is clean at that time at the latest.
    Drain {
        /// On the clock of all these times.
        until: Duration,
    },
}

impl<P> Presses<P> {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            waiting: None,
            is_owed: false,
            is_paid: false,
            dirty_until: Duration::ZERO,
            is_doubtful: false,
        }
    }

    /// A countdown begins. It takes the place of one before, whose picture is nobody's any more;
    /// a press that is under way is another visitor's, and goes on.
    pub(super) fn arm(&mut self, now: Duration) {
        self.pass(now);
        if self.waiting.as_ref().is_some_and(|w| w.pressed.is_some()) {
            return;
        }
        self.waiting = Some(Waiting {
            since: now,
            pressed: None,
            shot: None,
        });
    }

    /// The countdown was broken off.
    pub(super) fn disarm(&mut self) {
        self.waiting.take_if(|w| w.pressed.is_none());
    }

    /// Whether somebody is counted down to, or has pressed.
    pub(super) fn is_awaited(&mut self, now: Duration) -> bool {
        self.pass(now);
        self.waiting.is_some()
    }

    /// Whether a press may be made.
    pub(super) fn is_clean(&self, now: Duration) -> bool {
        now >= self.dirty_until
    }

    /// Whether the picture of a press that is over may still come.
    pub(super) fn is_owed(&mut self, now: Duration) -> bool {
        self.pass(now);
        self.is_owed
    }

    /// The booth's own press. Nothing has begun if it answers [`Press::Drain`].
    pub(super) fn press(&mut self, now: Duration) -> Press {
        self.pass(now);
        if let Some(waiting) = &mut self.waiting
            && waiting.shot.is_some()
        {
            waiting.pressed = Some(now);
            return Press::Taken;
        }
        if !self.is_clean(now) {
            let until = self.dirty_until;
            return Press::Drain { until };
        }
        let waiting = self.waiting.get_or_insert(Waiting {
            since: now,
            pressed: None,
            shot: None,
        });
        waiting.pressed = Some(now);
        Press::Release
    }

    /// A picture has arrived: it is kept for whoever waits, or dropped. Answers whether it was kept.
    pub(super) fn arrived(&mut self, picture: P, of: Arrival, now: Duration) -> bool {
        self.pass(now);
        let clean_since = self.dirty_until;
        let waiting = self.waiting.as_mut();
        let waiting = waiting.filter(|waiting| of.begun >= waiting.since.max(clean_since));
        let Some(waiting) = waiting else {
            self.is_nobodys(now);
            return false;
        };
        let is_first = match &waiting.shot {
            Some(shot) if shot.sure <= now => return false,
            shot => shot.is_none(),
        };
        // The second one is of this press, whatever the first one was.
        let is_doubtful = of.is_twin || (is_first && self.is_doubtful);
        let sure = if is_doubtful {
            now + self.patience.hold
        } else {
            now
        };
        waiting.shot = Some(Held { picture, sure });
        true
    }

    /// The picture of the press, once it is sure.
    pub(super) fn take(&mut self, now: Duration) -> Option<P> {
        let is_sure = |w: &mut Waiting<P>| {
            w.pressed.is_some() && w.shot.as_ref().is_some_and(|shot| shot.sure <= now)
        };
        let waiting = self.waiting.take_if(is_sure)?;
        self.is_doubtful = false;
        waiting.shot.map(|shot| shot.picture)
    }

    /// When the picture that is there becomes sure, if one is there.
    #[cfg(test)]
    pub(super) fn sure_at(&self) -> Option<Duration> {
        let shot = self.waiting.as_ref()?.shot.as_ref();
        shot.map(|shot| shot.sure)
    }

    /// No other picture of this press comes: the one that is there is sure.
    pub(super) fn complete(&mut self, now: Duration) {
        if let Some(shot) = self.waiting.as_mut().and_then(|w| w.shot.as_mut()) {
            shot.sure = now;
        }
    }

    /// Nobody waits for this press any more. `owes`: its picture may still come.
    pub(super) fn give_up(&mut self, owes: bool, now: Duration) {
        let Some(waiting) = self.waiting.take_if(|w| w.pressed.is_some()) else {
            return;
        };
        if owes && waiting.shot.is_none() {
            self.is_owed = true;
            self.is_paid = false;
            // Whoever gives up early does not make the camera any quicker.
            let over = waiting.pressed.unwrap_or(now) + self.patience.within;
            self.is_dirty_until(over.max(now) + self.patience.late);
        }
    }

    /// The camera holds nothing any more, as far as it can tell.
    pub(super) fn is_drained(&mut self, now: Duration) {
        self.is_doubtful |= self.is_owed && !self.is_paid;
        self.is_owed = false;
        self.dirty_until = self.dirty_until.min(now);
    }

    fn is_nobodys(&mut self, now: Duration) {
        self.is_paid = true;
        self.is_dirty_until(now + self.patience.quiet);
    }

    fn is_dirty_until(&mut self, until: Duration) {
        self.dirty_until = self.dirty_until.max(until);
    }

    fn pass(&mut self, now: Duration) {
        if self.is_clean(now) && self.is_owed {
            self.is_drained(now);
        }
        self.waiting
            .take_if(|w| w.pressed.is_none() && now >= w.since + ARMED_FOR);
    }
}

#[cfg(test)]
mod tests;
