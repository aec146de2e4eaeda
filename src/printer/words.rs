//! The sentences of [`super::PrinterState`].

use super::state::{Cause, Condition, Need, Says, Trouble, Whereabouts};

fn says(ko: &str, en: &str) -> Says {
    Says {
        ko: ko.to_owned(),
        en: en.to_owned(),
    }
}

/// What staff should do about it: one sentence for each need, then the printer's own words.
/// `driver` is the word of the settings: what is no device has no cable.
pub(super) fn staff(driver: &str, condition: Condition, needs: &[Need], remark: &Says) -> Says {
    let mut said = match condition {
        Condition::Ready => says("준비됐어요.", "Ready."),
        Condition::Printing => says("인쇄 중이에요.", "Printing."),
        Condition::Gone => gone(driver),
        Condition::Needs => Says::default(),
    };
    for need in needs {
        let more = for_staff(*need);
        append(&mut said, &more.ko, &more.en);
    }
    append(&mut said, &remark.ko, &remark.en);
    said
}

fn gone(driver: &str) -> Says {
    match driver {
        "folder" => says(
            "인쇄 폴더가 없어졌어요. 폴더가 있는 디스크가 연결돼 있는지 확인해 주세요.",
            "The folder for prints is gone: is its disk connected?",
        ),
        "escpos" => says(
            "영수증 프린터가 응답하지 않아요. 전원과 케이블을 확인해 주세요.",
            "The receipt printer does not answer. Check its power and its cable.",
        ),
        _ => says(
            "프린터가 응답하지 않아요. 전원과 케이블을 확인해 주세요.",
            "The printer does not answer. Check its power and its cable.",
        ),
    }
}

/// A printer that is there and cannot be used.
pub(super) fn unusable(trouble: Trouble) -> Says {
    match trouble {
        Trouble::NoSuchPrinter => says(
            "이 주소에 그런 프린터나 대기열이 없어요. 설정의 주소를 확인해 주세요.",
            "There is no such printer or queue at this address: check the address in the settings.",
        ),
        Trouble::Forbidden => says(
            "프린터가 부스의 인쇄를 허락하지 않아요. 프린터나 대기열의 권한 설정을 확인해 주세요.",
            "The printer does not let the booth print: allow it in the printer's or queue's own settings.",
        ),
        Trouble::NotAPrinter => says(
            "이 주소에서 응답하는 것은 IPP 프린터가 아니에요. 설정의 주소를 확인해 주세요.",
            "What answers at this address is no IPP printer: check the address in the settings.",
        ),
        Trouble::OtherCertificate => says(
            "프린터의 인증서가 바뀌었어요. 프린터를 바꾸거나 초기화했다면 데이터 폴더의 printer.pin을 지우고 부스를 다시 시작해 주세요.",
            "The printer has another certificate than before. If it was replaced or reset, delete printer.pin in the data folder and start the booth again.",
        ),
        Trouble::NoSecureConnection => says(
            "프린터와 보안 연결을 만들 수 없어요. 프린터 설정에서 TLS 1.2 이상을 켜거나, CUPS 대기열을 써 주세요.",
            "No secure connection to the printer can be made: turn on TLS 1.2 or newer in its settings, or use a queue of CUPS before it.",
        ),
        Trouble::NotWritable => for_staff(Need::Permission),
    }
}

/// A printer that has been busy for far longer than any order takes.
pub(super) fn busy_too_long() -> Says {
    says(
        "프린터가 한참 동안 다른 일을 하고 있다고 해요. 프린터 화면을 봐 주세요.",
        "It has said for long that it is busy with something else: look at its display.",
    )
}

/// A receipt printer that answers nothing.
pub(super) fn mute() -> Says {
    says(
        "이 프린터는 상태를 알려 주지 않아요. 종이를 가끔 확인해 주세요.",
        "It does not tell how it is: look after its paper now and then.",
    )
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
        "이 프린터에는 4×6인치나 엽서, L, 카드, A6 용지가 없어요. printer.ipp.media에 용지 이름을 적을 수 있어요.",
        "It knows no paper of 4 × 6 in, nor postcard, L, card or A6; printer.ipp.media may name one.",
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
        (
            Condition::Needs,
            Some(Need::QueueStarted | Need::DiskSpace | Need::Permission | Need::Attention) | None,
        ) => says(
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

/// An order that staff are asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The number on the ticket; 0 for a test page.
    pub(super) ticket: u32,
    /// Sheets ordered.
    pub(super) sheets: u32,
    /// Sheets that are out for certain.
    pub(super) sheets_done: u32,
}

/// What staff should look for, of an order that is in doubt; `remark` is the printer's own words.
pub(super) fn doubt(asked: Asked, cause: Cause, remark: &str) -> Says {
    let (name_ko, name_en) = match asked.ticket {
        0 => ("시험 인쇄".to_owned(), "The test page".to_owned()),
        n => (format!("티켓 {n}"), format!("Ticket {n}")),
    };
    let (why_ko, why_en) = match cause {
        Cause::Forgotten => (
            "프린터가 이 작업을 기억하지 못해요.",
            "the printer no longer knows of it.",
        ),
        Cause::OtherPrinter => (
            "다른 프린터로 보낸 작업이에요.",
            "it was sent to another printer.",
        ),
        Cause::CutOff => (
            "인쇄 중에 연결이 끊겼어요.",
            "the connection broke while it was printed.",
        ),
        Cause::BegunTwice => (
            "인쇄 대기열이 이 작업을 두 번 시작했어요. 한 장 더 나왔을 수 있어요.",
            "the print queue began it twice, and a sheet too many may have come out.",
        ),
        Cause::NoEnd => (
            "너무 오래 걸려서 취소했어요.",
            "it took far too long, and was cancelled.",
        ),
        Cause::BrokeOff | Cause::EndedEarly | Cause::Cancelled | Cause::GivenUp => {
            ("인쇄 중에 끝났어요.", "it ended while printing.")
        }
    };
    let quoted = own(remark);
    let mut said = says(
        &format!("{name_ko}: {why_ko}"),
        &format!("{name_en}: {why_en}"),
    );
    append(&mut said, &quoted.ko, &quoted.en);
    let look = look_for(asked);
    append(&mut said, &look.ko, &look.en);
    said
}

fn look_for(asked: Asked) -> Says {
    if asked.sheets <= 1 {
        return says("나왔는지 확인해 주세요.", "Look whether it came out.");
    }
    let (next, all, done) = (asked.sheets_done + 1, asked.sheets, asked.sheets_done);
    says(
        &format!("{all}장 중 {done}장은 확실히 나왔어요. {next}번째 장이 나왔는지 확인해 주세요."),
        &format!(
            "Of {all} sheets {done} certainly came out: look whether sheet {next} did, and how many lie there."
        ),
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
        Need::DiskSpace => says(
            "인쇄 폴더의 디스크가 꽉 찼어요. 자리를 비워 주세요.",
            "The disk for prints is full: make room on it.",
        ),
        Need::Permission => says(
            "인쇄할 곳에 쓸 수 없어요. 권한과, 디스크가 읽기 전용인지 확인해 주세요.",
            "It may not be written to: check its permissions, and whether its disk is read-only.",
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
            (C::Needs, vec![N::DiskSpace]),
            (C::Needs, vec![N::Permission]),
            (C::Needs, vec![N::Attention]),
        ];
        for (condition, needs) in all {
            let silence = Says::default();
            for said in [
                staff("folder", condition, &needs, &silence),
                staff("escpos", condition, &needs, &silence),
                staff("ipp", condition, &needs, &silence),
                visitors(condition, &needs),
            ] {
                assert!(!said.ko.is_empty() && !said.en.is_empty(), "{condition:?}");
            }
        }
        let both = staff("ipp", C::Needs, &[N::Paper, N::Ribbon], &Says::default()).en;
        let paper_and_ribbon = "Out of paper: put in a new roll. Out of ribbon or ink: change it.";
        assert_eq!(both, paper_and_ribbon);
        let quoted = staff("ipp", C::Needs, &[N::Attention], &own("E3")).ko;
        assert!(quoted.ends_with("프린터가 한 말: “E3”"), "{quoted}");
    }
}
