import type * as en from "../en/phone";

export const phone: typeof en.phone = {
  joining: "전시실을 여는 중",
  joiningSlow: {
    unreachable: "지금은 부스가 응답하지 않아요. 계속 시도하고 있어요.",
    portal: "와이파이에 먼저 로그인해야 해요. 아무 웹페이지나 열어 로그인해 주세요. 계속 시도하고 있어요.",
    busy: "찾아온 분이 많아요. 계속 시도하고 있어요.",
    too_many_tries: "이곳에서 틀린 코드가 여러 번 들어왔어요. 잠시 뒤 저희가 다시 열어 볼게요.",
    other: "지금은 열 수 없어요. 계속 시도하고 있어요.",
  },
  claim: {
    title: "이미 열린 전시실이에요",
    note: "다른 휴대폰이 먼저 들어왔어요. 화면이나 티켓에 있는 네 자리 숫자를 넣어 주세요.",
    lost: "방금 이 휴대폰으로 여셨다면, 화면이나 티켓에 있는 네 자리 숫자를 넣어 주세요.",
    field: "네 자리 숫자",
    open: "열기",
    wrong: "숫자가 맞지 않아요.",
    locked: "시도가 너무 많았어요. 이 전시실은 당분간 새 휴대폰에 열리지 않아요.",
  },
  consent: {
    title: "그리기 전에",
    painting: "사진을 찍어 그림을 그려 주세요",
    paintingNote: "꼭 필요해요.",
    wall: "부스의 벽에 내 그림을 걸어도 좋아요",
    optional: "원하실 때만.",
    guardian: "만 14세 미만은 보호자가 체크해 주세요.",
    next: "동의하기",
    missing: "첫 번째 칸에 체크해 주세요.",
  },
  capture: {
    title: "이제 찍을 차례예요",
    note: "부스에서 렌즈를 봐 주세요.",
    or: "가지고 있는 사진을 보내도 좋아요.",
    moved: "화면은 다음 손님에게 넘겼어요. 가지고 있는 사진을 보내면 화가들이 그리기 시작해요.",
    upload: "사진 고르기",
    sending: "화가들에게 가는 중",
    otherMedia: (kind) => {
      const names: Record<string, string> = {
        avif: "AVIF",
        jpeg_xl: "JPEG XL",
        jpeg_2000: "JPEG 2000",
        tiff: "TIFF",
        gif: "GIF",
        bmp: "BMP",
        svg: "SVG",
        animated_webp: "움직이는 WebP",
        deep_jpeg: "12비트 JPEG",
      };
      switch (kind) {
        case "heic":
        case "heif":
          return "이 사진은 HEIC 형식이라 부스에서 열 수 없어요. ‘사진 고르기’에서 카메라로 지금 새로 찍거나, 이 사진을 화면 캡처해서 보내 주세요. 휴대폰 카메라 설정에서 ‘고효율 사진(HEIC)’을 끄면 다음부터는 바로 보낼 수 있어요.";
        case "raw":
          return "카메라의 RAW 파일은 열 수 없어요. 같은 사진의 JPEG를 고르거나, 화면 캡처해서 보내 주세요.";
        case "video":
          return "동영상은 받을 수 없어요. 사진을 고르거나, 마음에 드는 장면을 화면 캡처해서 보내 주세요.";
        case "pdf":
          return "PDF 문서는 받을 수 없어요. 얼굴이 나온 사진을 골라 주세요.";
        default: {
          const name = names[kind];
          return name
            ? `${name} 그림은 열 수 없어요. JPEG 사진을 고르거나, 이 그림을 화면 캡처해서 보내 주세요.`
            : "이 파일은 열 수 없어요. JPEG, PNG, WebP 사진을 골라 주세요.";
        }
      }
    },
  },
  painting: {
    title: "화가들이 그리고 있어요",
    wait: (range) => `${range} 남았어요.`,
    stay: "둘러보고 오셔도 좋아요. 다 되면 여기에 나타나요.",
    failed: "이번 그림은 완성하지 못했어요.",
    retry: "다시 그리기",
  },
  choose: {
    title: "어느 그림이 나 같나요?",
    make: "이 그림으로 티켓 만들기",
    another: "이 그림으로도 티켓 만들기",
    name: "이름표에 넣을 이름 (원하시면)",
    making: "이름표를 쓰는 중",
    again: "다시 그려 주세요",
    others: "다른 그림",
  },
  ticket: {
    title: "티켓이 나왔어요",
    save: "저장하거나 보내기",
    download: "그림 저장하기",
    hold: "그림을 길게 눌러 저장할 수도 있어요.",
    pdf: "티켓 PDF",
    print: "인쇄용으로 열기",
    queued: (n) => (n === 1 ? "곧 부스에서 인쇄돼 나와요." : `곧 부스에서 ${n}장이 인쇄돼 나와요.`),
    partly: (done, of) => `${of}장 중 ${done}장이 부스에 인쇄돼 있어요.`,
    printed: (n) => (n === 1 ? "부스에 인쇄돼 있어요." : `부스에 ${n}장 인쇄돼 있어요.`),
    printFailed: "프린터가 쉬고 있어요. 오늘 티켓은 이 휴대폰에 있어요.",
    until: (when) => `이 페이지는 ${when}까지 열려 있어요.`,
    claim: (code) => `다른 휴대폰에서 열 때: ${code}`,
    number: (n) => `No. ${n}`,
  },
  inApp: {
    inside: (app) => `${app} 안에서 열려 있어요. 여기서는 그림을 저장할 수 없어요.`,
    names: {
      kakaotalk: "카카오톡",
      instagram: "인스타그램",
      facebook: "페이스북",
      line: "라인",
      naver: "네이버 앱",
      other: "앱",
    },
    open: "브라우저에서 열기",
    make: "브라우저로 옮기기",
    menu: {
      instagram: "오른쪽 위 ⋯를 누르고 ‘외부 브라우저에서 열기’를 선택해 주세요.",
      facebook: "⋯를 누르고 ‘외부 브라우저에서 열기’를 선택해 주세요.",
      naver: "오른쪽 아래 메뉴를 누르고 ‘Safari로 열기’를 선택해 주세요.",
      other: "열리지 않으면 앱 메뉴에서 ‘브라우저에서 열기’를 선택해 주세요.",
    },
    or: "링크를 복사해 브라우저 주소창에 붙여 넣어도 돼요. 10분 안에 한 번만 열려요.",
    copy: "링크 복사하기",
    copied: "복사했어요",
  },
  erase: {
    button: "지금 모두 지우기",
    title: "모두 지울까요?",
    note: "사진, 그림, 티켓이 바로 사라져요. 아무도 되돌릴 수 없어요.",
    yes: "네, 지울게요",
    no: "그대로 두기",
    busy: "지우는 중",
  },
  erased: {
    title: (time) => `${time}에 지웠어요`,
    note: "사진, 그림, 티켓, 남기신 글이 모두 부스에서 사라졌어요.",
    date: (date) => `${date} 확인증`,
    thanks: "함께해 주셔서 고맙습니다.",
  },
  expired: {
    title: "전시가 끝났어요",
    note: "그림은 며칠 동안만 머물고 지워져요. 이 방문의 그림도 부스에서 지워졌어요.",
  },
  unknown: {
    title: "어느 전시실인가요?",
    note: "화면이나 티켓의 코드를 휴대폰 카메라로 비춰 주세요.",
    wrong: "모르는 코드예요. 한 번 더 찍어 주세요.",
  },
  ended: {
    title: "방문이 끝났어요",
    note: "더 볼 것이 남아 있지 않아요.",
  },
  full: {
    title: "전시실이 꽉 찼어요",
    note: "휴대폰이 더 들어올 자리가 없어요. 그림은 먼저 들어온 휴대폰에 모두 있어요.",
  },
  offline: "연결이 끊겼어요. 계속 시도하고 있어요.",
};
