//! The sentences of [`super::PrinterState`].

use super::state::{Condition, Need, Says, Whereabouts};

/// Why an order is in doubt: the printer does not know its job (any more).
pub(super) const LOST: &str = "lost";
/// Why an order is in doubt: its job went to the printer that was here before.
pub(super) const OTHER_PRINTER: &str = "other printer";

fn says(ko: &str, en: &str) -> Says {
    Says {
        ko: ko.to_owned(),
        en: en.to_owned(),
    }
}

/// What staff should do about it: one sentence for each need, then the printer's own words.
pub(super) fn staff(condition: Condition, needs: &[Need], remark: &Says) -> Says {
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
    append(&mut said, &remark.ko, &remark.en);
    said
}

/// A printer's own words, in whatever language it speaks; nothing if it says nothing.
pub(super) fn own(words: &str) -> Says {
    if words.is_empty() {
        return Says::default();
    }
    says(
        &format!("프린터가 한 말: “{words}”"),
        &format!("It says: “{words}”"),
    )
}

/// A printer of a kind that could print a sheet twice.
pub(super) fn no_create_job() -> Says {
    says(
        "이 프린터는 부스에 필요한 Create-Job을 몰라요. 다른 프린터나 CUPS 대기열을 써 주세요.",
        "It knows no Create-Job, which this booth needs: use a queue of CUPS before it, or another printer.",
    )
}

/// A photo printer for other sizes.
pub(super) fn no_such_paper() -> Says {
    says(
        "이 프린터에는 4×6인치 용지가 없어요. printer.ipp.media에 용지 이름을 적을 수 있어요.",
        "It knows no paper of 4 × 6 in; printer.ipp.media may name one.",
    )
}

/// A printer for other documents.
pub(super) fn no_such_document() -> Says {
    says(
        "이 프린터는 JPEG도 PDF도 받지 않아요. CUPS 대기열이나 다른 프린터를 써 주세요.",
        "It takes neither JPEG nor PDF: use a queue of CUPS before it, or another printer.",
    )
}

/// A printer that is not asked to cut, since nobody knows how.
pub(super) fn uncut() -> Says {
    says(
        "두 장짜리 스트립을 자르라고 할 수 없는 프린터예요. printer.ipp.media에 자르는 용지 이름을 적거나, 직접 잘라 주세요.",
        "It cannot be told to cut the two strips apart: printer.ipp.media may name a paper that is cut, or cut them by hand.",
    )
}

/// A receipt printer's roll.
pub(super) fn near_end() -> Says {
    says("종이가 거의 떨어졌어요.", "The paper is near its end.")
}

/// A queue that others may start, but not the booth. `address` is the queue's.
pub(super) fn may_not_wake(address: &str) -> Says {
    let queue = address.rsplit('/').next().unwrap_or_default();
    says(
        &format!(
            "부스에는 다시 시작할 권한이 없어요. 대기열이 있는 컴퓨터에서 “cupsenable {queue}”을 실행해 주세요."
        ),
        &format!("The booth may not start it: run “cupsenable {queue}” on the computer it is on."),
    )
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
        (Condition::Needs, Some(Need::QueueStarted | Need::Attention) | None) => says(
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

/// What staff should look for, of an order that is in doubt. `why` is [`LOST`], [`OTHER_PRINTER`],
/// or the printer's own words.
pub(super) fn doubt(ticket: u32, why: &str) -> Says {
    let (name_ko, name_en) = match ticket {
        0 => ("시험 인쇄".to_owned(), "The test page".to_owned()),
        n => (format!("티켓 {n}"), format!("Ticket {n}")),
    };
    let (why_ko, why_en) = match why {
        LOST => (
            "프린터가 이 작업을 기억하지 못해요.".to_owned(),
            "the printer no longer knows of it.".to_owned(),
        ),
        OTHER_PRINTER => (
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

/// What staff should know of a sheet of an erased visit.
pub(super) fn stray(ticket: u32, whereabouts: Whereabouts) -> Says {
    match whereabouts {
        Whereabouts::Inside => says(
            &format!(
                "지워진 티켓 {ticket}이 아직 프린터 안에 있어서, 프린터가 다시 움직이면 나올 수 있어요. 막으려면 프린터를 껐다 켜 주세요. 나오면 버려 주세요."
            ),
            &format!(
                "Ticket {ticket} was erased, but the printer has it and may print it when it goes on. To prevent that, switch the printer off and on. If it comes out, throw it away."
            ),
        ),
        Whereabouts::Unknown => says(
            &format!("지워진 티켓 {ticket}이 나왔을 수 있어요. 출력함에 있으면 버려 주세요."),
            &format!(
                "Ticket {ticket} was erased and may have come out. If it lies in the tray, throw it away."
            ),
        ),
        Whereabouts::Out => says(
            &format!("지워진 티켓 {ticket}이 나왔어요. 버려 주세요."),
            &format!(
                "Ticket {ticket} was erased, but its sheet was on its way and has come out. Throw it away."
            ),
        ),
    }
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
        Need::QueueStarted => says(
            "인쇄 대기열이 멈춰 있어요. 주문이 기다리면 부스가 다시 시작해요.",
            "The print queue is stopped: the booth starts it again when an order waits.",
        ),
        Need::Attention => says(
            "프린터가 멈췄어요. 프린터 화면을 봐 주세요.",
            "The printer has stopped: look at its display.",
        ),
    }
}

fn append(said: &mut Says, ko: &str, en: &str) {
    for (text, more) in [(&mut said.ko, ko), (&mut said.en, en)] {
        if !text.is_empty() && !more.is_empty() {
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
            (C::Needs, vec![N::QueueStarted]),
            (C::Needs, vec![N::Attention]),
        ];
        for (condition, needs) in all {
            let silence = Says::default();
            for said in [
                staff(condition, &needs, &silence),
                visitors(condition, &needs),
            ] {
                assert!(!said.ko.is_empty() && !said.en.is_empty(), "{condition:?}");
            }
        }
        let both = staff(C::Needs, &[N::Paper, N::Ribbon], &Says::default()).en;
        let paper_and_ribbon = "Out of paper: put in a new roll. Out of ribbon or ink: change it.";
        assert_eq!(both, paper_and_ribbon);
        let quoted = staff(C::Needs, &[N::Attention], &own("E3")).ko;
        assert!(quoted.ends_with("프린터가 한 말: “E3”"), "{quoted}");
    }
}
