//! The sentences of [`super::PrinterState`].

use super::state::{Condition, Need, Says};

fn says(ko: &str, en: &str) -> Says {
    Says {
        ko: ko.to_owned(),
        en: en.to_owned(),
    }
}

/// What staff should do about it: one sentence for each need, then the printer's own words.
pub(super) fn staff(condition: Condition, needs: &[Need], remark: &str) -> Says {
    let mut said = match condition {
        Condition::Ready => says("준비됐어요.", "Ready."),
        Condition::Printing => says("인쇄 중이에요.", "Printing."),
        Condition::Gone => says(
            "프린터가 응답하지 않아요. 전원과 케이블을 확인해 주세요.",
            "The printer does not answer. Check its power and its cable.",
        ),
        Condition::Needs => Says::default(),
    };
    for need in needs {
        let more = for_staff(*need);
        append(&mut said, &more.ko, &more.en);
    }
    if !remark.is_empty() {
        append(&mut said, remark, remark);
    }
    said
}

/// What a visitor who waits for a sheet should know.
pub(super) fn visitors(condition: Condition, needs: &[Need]) -> Says {
    match (condition, needs.first()) {
        (Condition::Ready | Condition::Printing, _) => {
            says("곧 인쇄돼 나와요.", "Your print is coming.")
        }
        (Condition::Gone, _) => says(
            "프린터가 잠시 자리를 비웠어요. 돌아오면 인쇄해 드려요. 그림은 휴대폰에 있어요.",
            "The printer is away. Your ticket is on your phone, and is printed once it is back.",
        ),
        (Condition::Needs, Some(Need::Paper)) => says(
            "프린터에 종이가 필요해요. 티켓은 곧 나와요.",
            "The printer needs paper. Your ticket will come.",
        ),
        (Condition::Needs, Some(Need::Ribbon)) => says(
            "프린터 리본을 바꿔야 해요. 티켓은 곧 나와요.",
            "The printer needs a new ribbon. Your ticket will come.",
        ),
        (Condition::Needs, Some(Need::JamCleared)) => says(
            "종이가 걸렸어요. 꺼내고 나면 티켓이 나와요.",
            "A sheet is stuck in the printer. Once it is out, your ticket will come.",
        ),
        (Condition::Needs, Some(Need::CoverClosed)) => says(
            "프린터 덮개가 열려 있어요. 닫으면 티켓이 나와요.",
            "The printer is open. Once it is closed, your ticket will come.",
        ),
        (Condition::Needs, Some(Need::Attention) | None) => says(
            "프린터가 손길을 기다려요. 티켓은 곧 나와요.",
            "The printer waits for a hand. Your ticket will come.",
        ),
    }
}

/// What the visitor is told whose own sheet is in doubt.
pub(super) fn in_doubt() -> Says {
    says(
        "티켓이 나왔는지 확인하고 있어요. 직원에게 말씀해 주세요.",
        "We are checking whether your ticket came out. Please ask at the desk.",
    )
}

/// What staff should look for, of an order that is in doubt. `why` is `lost`, `other printer`, or
/// the printer's own words.
pub(super) fn doubt(ticket: u32, why: &str) -> Says {
    let (name_ko, name_en) = match ticket {
        0 => ("시험 인쇄".to_owned(), "The test page".to_owned()),
        n => (format!("티켓 {n}"), format!("Ticket {n}")),
    };
    let (why_ko, why_en) = match why {
        "lost" => (
            "프린터가 이 작업을 기억하지 못해요.".to_owned(),
            "the printer no longer knows of it.".to_owned(),
        ),
        "other printer" => (
            "다른 프린터로 보낸 작업이에요.".to_owned(),
            "it was sent to another printer.".to_owned(),
        ),
        words => (
            format!("인쇄 중에 끝났어요 ({words})."),
            format!("it ended while printing ({words})."),
        ),
    };
    says(
        &format!("{name_ko}: {why_ko} 나왔는지 확인해 주세요."),
        &format!("{name_en}: {why_en} Look whether it came out."),
    )
}

fn for_staff(need: Need) -> Says {
    match need {
        Need::JamCleared => says(
            "종이가 걸렸어요. 프린터를 열어 꺼내 주세요.",
            "A sheet is stuck: open the printer and take it out.",
        ),
        Need::CoverClosed => says(
            "덮개가 열려 있어요. 닫아 주세요.",
            "The cover is open: close it.",
        ),
        Need::Paper => says(
            "종이가 없어요. 새 롤이나 종이를 넣어 주세요.",
            "Out of paper: put in a new roll.",
        ),
        Need::Ribbon => says(
            "리본이나 잉크가 없어요. 바꿔 주세요.",
            "Out of ribbon or ink: change it.",
        ),
        Need::Attention => says(
            "프린터가 멈췄어요. 프린터 화면을 봐 주세요.",
            "The printer has stopped: look at its display.",
        ),
    }
}

fn append(said: &mut Says, ko: &str, en: &str) {
    for (text, more) in [(&mut said.ko, ko), (&mut said.en, en)] {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_words_for_everybody() {
        use {Condition as C, Need as N};
        let all = [
            (C::Ready, vec![]),
            (C::Printing, vec![]),
            (C::Gone, vec![]),
            (C::Needs, vec![N::Paper]),
            (C::Needs, vec![N::Ribbon]),
            (C::Needs, vec![N::JamCleared, N::CoverClosed]),
            (C::Needs, vec![N::Attention]),
        ];
        for (condition, needs) in all {
            for said in [staff(condition, &needs, ""), visitors(condition, &needs)] {
                assert!(!said.ko.is_empty() && !said.en.is_empty(), "{condition:?}");
            }
        }
        let both = staff(C::Needs, &[N::Paper, N::Ribbon], "E3: see tray 1").en;
        assert_eq!(
            both,
            "Out of paper: put in a new roll. Out of ribbon or ink: change it. E3: see tray 1"
        );
    }
}
