/** As at the beginning of a sentence. */
export const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const seconds = (lo: number, hi: number) =>
  lo === 0 ? `up to ${hi} seconds` : lo === hi ? `about ${hi} seconds` : `${lo} to ${hi} seconds`;
const minutes = (lo: number, hi: number) =>
  lo === hi ? `about ${hi} ${hi === 1 ? "minute" : "minutes"}` : `${lo} to ${hi} minutes`;

export const common = {
  language: "English",
  photo: "The photo",
  manner: (painter: string) => `in the manner of ${painter}`,
  madeWithAi: "Made with AI",
  seconds,
  minutes,
  problems: {
    unreachable: "The booth does not answer just now.",
    portal: "This Wi-Fi asks you to sign in first. Open any web page to do so, then come back.",
    busy: "The booth has its hands full. Please try again in a moment.",
    disk_full: "The booth has no room to keep anything just now. Please tell the staff.",
    too_small: "The picture is too small to paint from.",
    too_large: "The picture is too large.",
    unsupported_media: "We can paint from JPEG, PNG and WebP pictures.",
    bad_image: "This picture cannot be opened.",
    no_camera: "The camera is away.",
    camera_failed: "The camera did not answer.",
    no_picture: "The camera took no picture. Please try once more.",
    no_printer: "There is no printer today.",
    too_many: "That is enough for one visit.",
    wrong_state: "That is not possible just now.",
    consent_required: "We need your yes first.",
    too_many_tries: "Too many tries. Please wait a minute.",
    paused: "The booth is having a rest.",
    other: "Something went wrong. Please try again.",
  },
  painting: {
    queued: "waiting",
    painting: "painting",
    done: "hung",
    failed: "did not work out",
    cancelled: "put aside",
  },
  ahead: (n: number) =>
    n === 0 ? "You are next." : n === 1 ? "1 painting before yours." : `${n} paintings before yours.`,
};
