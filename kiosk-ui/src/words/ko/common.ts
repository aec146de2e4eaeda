import type * as en from "../en/common";

const seconds = (lo: number, hi: number) => (lo === 0 ? `길어야 ${hi}초` : lo === hi ? `약 ${hi}초` : `${lo}–${hi}초`);
const minutes = (lo: number, hi: number) => (lo === hi ? `약 ${hi}분` : `${lo}–${hi}분`);

export const common: typeof en.common = {
  language: "한국어",
  photo: "사진",
  manner: (painter) => `${painter}의 화풍으로`,
  madeWithAi: "AI로 만든 이미지",
  seconds,
  minutes,
  problems: {
    unreachable: "지금은 부스가 응답하지 않아요.",
    portal: "와이파이에 먼저 로그인해야 해요. 아무 웹페이지나 열어 로그인한 뒤 다시 와 주세요.",
    busy: "지금은 부스가 바빠요. 잠시 뒤 다시 해 주세요.",
    disk_full: "지금은 부스에 저장할 공간이 없어요. 직원에게 알려 주세요.",
    too_small: "그림을 그리기에는 사진이 너무 작아요.",
    too_large: "사진이 너무 커요.",
    unsupported_media: "JPEG, PNG, WebP 사진을 보내 주세요.",
    bad_image: "이 사진은 열 수 없어요.",
    no_camera: "카메라가 자리를 비웠어요.",
    camera_failed: "카메라가 응답하지 않아요.",
    no_picture: "사진이 찍히지 않았어요. 한 번 더 해 주세요.",
    no_printer: "오늘은 프린터가 없어요.",
    too_many: "한 번의 방문으로는 여기까지예요.",
    wrong_state: "지금은 할 수 없는 일이에요.",
    consent_required: "먼저 동의가 필요해요.",
    too_many_tries: "시도가 너무 많았어요. 1분만 기다려 주세요.",
    paused: "부스가 잠시 쉬고 있어요.",
    other: "문제가 생겼어요. 다시 한번 해 주세요.",
  },
  painting: {
    queued: "기다리는 중",
    painting: "그리는 중",
    done: "완성",
    failed: "그리지 못했어요",
    cancelled: "접어 둔 그림",
  },
  ahead: (n) => (n === 0 ? "바로 다음 차례예요." : `앞에 그림 ${n}점이 있어요.`),
};
