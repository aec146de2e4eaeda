//! Counting a roll of paper, and believing the printer where it knows better.

/// What a device says of its paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::printer) enum Levels {
    /// Nothing.
    Unknown,
    /// So many sheets of so many.
    Sheets {
        /// Sheets left.
        left: u32,
        /// Sheets of a new roll.
        size: u32,
    },
    /// Per cent left, rounded somehow.
    Percent(u8),
}

/// How the roll stands once the printer has been heard: `(left, size)`. `counted` is what the
/// booth counted itself, `new_roll` how many sheets a new roll has by the settings.
///
/// Sheets are taken at their word. A rounded per cent is coarser than our count, and corrects it
/// only where the two cannot both be true: after a roll was changed without a word, or after
/// someone else had printed.
pub(super) fn reconcile(
    counted: Option<(u32, u32)>,
    levels: Levels,
    new_roll: Option<u32>,
) -> Option<(u32, u32)> {
    match levels {
        Levels::Unknown => counted,
        Levels::Sheets { left, size } => Some((left, size.max(left))),
        Levels::Percent(percent) => {
            let size = counted.map(|(_, size)| size).or(new_roll)?;
            let (size, percent) = (u64::from(size), u64::from(percent));
            let told = u32::try_from(size * percent / 100).unwrap_or(u32::MAX);
            let size = u32::try_from(size).unwrap_or(u32::MAX);
            let least = size as u64 * percent.saturating_sub(1) / 100;
            let most = (size as u64 * (percent + 1)).div_ceil(100);
            match counted {
                Some((left, _)) if (least..=most).contains(&u64::from(left)) => Some((left, size)),
                _ => Some((told, size)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_that_counts_is_believed() {
        let says = Levels::Sheets {
            left: 212,
            size: 700,
        };
        assert_eq!(reconcile(None, says, None), Some((212, 700)));
        assert_eq!(reconcile(Some((300, 400)), says, None), Some((212, 700)));
    }

    #[test]
    fn per_cent_correct_only_what_cannot_be() {
        let at = |percent| Levels::Percent(percent);
        // 66 % of 700 is 462; 455 to 469 all round to it somehow.
        assert_eq!(reconcile(Some((458, 700)), at(66), None), Some((458, 700)));
        assert_eq!(reconcile(Some((455, 700)), at(66), None), Some((455, 700)));
        assert_eq!(reconcile(Some((440, 700)), at(66), None), Some((462, 700)));
        // A new roll was put in, and nobody said so.
        assert_eq!(reconcile(Some((3, 700)), at(100), None), Some((700, 700)));
        assert_eq!(reconcile(Some((700, 700)), at(100), None), Some((700, 700)));
        assert_eq!(reconcile(Some((1, 700)), at(0), None), Some((1, 700)));
    }

    #[test]
    fn per_cent_of_nobody_knows_how_many_is_not_told() {
        assert_eq!(reconcile(None, Levels::Percent(50), None), None);
        let first = reconcile(None, Levels::Percent(50), Some(400));
        assert_eq!(first, Some((200, 400)));
        assert_eq!(reconcile(None, Levels::Unknown, Some(400)), None);
    }
}
