import { upper } from "./common";

export const phone = {
  joining: "Opening your room",
  joiningSlow: {
    unreachable: "The booth does not answer just now. We keep trying.",
    portal: "This Wi-Fi asks you to sign in first. Open any web page to do so. We keep trying.",
    busy: "Many visitors at once. We keep trying.",
    too_many_tries: "Too many wrong tries came from here. We try again by ourselves in a moment.",
    other: "Something is in the way. We keep trying.",
  },
  claim: {
    title: "This room is open already",
    note: "Another phone came first. Enter the four digits from the screen or the ticket.",
    lost: "Perhaps it was this phone, just now. Enter the four digits from the screen or the ticket.",
    field: "Four digits",
    open: "Open",
    wrong: "Those digits do not match.",
    locked: "Too many tries. This room stays closed to new phones for a while.",
  },
  consent: {
    title: "Before we paint you",
    painting: "Take my photo and paint it",
    paintingNote: "Needed.",
    wall: "Show my painting on the wall of the booth",
    optional: "If you like.",
    guardian: "Under 14? A parent or guardian ticks for you.",
    next: "Agree",
    missing: "Please tick the first box.",
  },
  capture: {
    title: "Your sitting",
    note: "Look into the lens at the booth.",
    or: "Or send a photo of yours.",
    moved: "The screen is free for the next visitor. Send a photo of yours, and the painters begin.",
    upload: "Choose a photo",
    sending: "On its way to the painters",
    /** What a file is that was not taken, in the daemon's word, and what to do instead. */
    otherMedia: (kind: string) => {
      const names: Record<string, string> = {
        avif: "AVIF",
        jpeg_xl: "JPEG XL",
        jpeg_2000: "JPEG 2000",
        tiff: "TIFF",
        gif: "GIF",
        bmp: "BMP",
        svg: "SVG",
        animated_webp: "moving WebP",
        deep_jpeg: "12-bit JPEG",
      };
      switch (kind) {
        case "heic":
        case "heif":
          return "This photo is saved as HEIC, which the booth cannot open. Choose again and take a new one with the camera, or send a screenshot of this photo. To send photos directly next time, turn off “High efficiency pictures” (HEIC) in your camera's settings.";
        case "raw":
          return "The booth cannot open a camera's RAW file. Choose the JPEG of the same photo, or send a screenshot of it.";
        case "video":
          return "The booth cannot take a video. Choose a photo, or send a screenshot of the moment you like.";
        case "pdf":
          return "The booth cannot take a PDF. Please choose a photo with your face in it.";
        default: {
          const name = names[kind];
          return name
            ? `The booth cannot open ${name} pictures. Choose a JPEG photo, or send a screenshot of this one.`
            : "The booth cannot open this file. Please choose a JPEG, PNG or WebP photo.";
        }
      }
    },
  },
  painting: {
    title: "The painters are at work",
    wait: (range: string) => `${upper(range)} to go.`,
    stay: "You can walk on. They appear here as they are done.",
    failed: "This one did not work out.",
    retry: "Try again",
  },
  choose: {
    title: "Which one is you?",
    make: "Make this my ticket",
    another: "Make a ticket of this one",
    name: "Name on the label, if you like",
    making: "Printing the label",
    again: "Paint it again",
    others: "The other paintings",
  },
  ticket: {
    title: "Your ticket",
    save: "Save or share",
    download: "Save the picture",
    hold: "Or hold the picture to save it.",
    pdf: "The ticket as PDF",
    print: "Open for printing",
    queued: (n: number) => (n === 1 ? "Your print will come out at the booth." : `Your ${n} prints will come out at the booth.`),
    partly: (done: number, of: number) => `${done} of ${of} prints are at the booth.`,
    printed: (n: number) => (n === 1 ? "Your print is at the booth." : `Your ${n} prints are at the booth.`),
    printFailed: "The printer is resting. Today the ticket is here, on your phone.",
    until: (when: string) => `This page lives until ${when}.`,
    claim: (code: string) => `To open it on another phone: ${code}`,
    number: (n: number) => `No. ${n}`,
  },
  inApp: {
    inside: (app: string) => `You are inside ${app}. Pictures cannot be saved here.`,
    names: {
      kakaotalk: "KakaoTalk",
      instagram: "Instagram",
      facebook: "Facebook",
      line: "LINE",
      naver: "NAVER",
      other: "an app",
    },
    open: "Open in my browser",
    make: "Move to my browser",
    menu: {
      instagram: "Touch ⋯ at the top right and choose “Open in external browser”.",
      facebook: "Touch ⋯ and choose “Open in external browser”.",
      naver: "Touch the menu at the bottom right and choose “Open in Safari”.",
      other: "If nothing opens, choose “Open in browser” in the menu of the app.",
    },
    or: "Or copy this link and paste it into your browser. It opens once, within ten minutes.",
    copy: "Copy the link",
    copied: "Copied",
  },
  erase: {
    button: "Erase everything now",
    title: "Erase everything?",
    note: "The photo, the paintings and the tickets go at once. No one can bring them back.",
    yes: "Yes, erase",
    no: "Keep it",
    busy: "Erasing",
  },
  erased: {
    title: (time: string) => `Erased at ${time}`,
    note: "The photo, the paintings, the tickets and every word of your visit are gone from the booth.",
    date: (date: string) => `Receipt of ${date}`,
    thanks: "Thank you for sitting for us.",
  },
  expired: {
    title: "The exhibition is over",
    note: "Pictures stay for a few days and are then erased. Yours are gone from the booth.",
  },
  unknown: {
    title: "Which room?",
    note: "Point your camera at the code on the screen or on your ticket.",
    wrong: "We do not know this code. Please scan it once more.",
  },
  ended: {
    title: "This visit is over",
    note: "There is nothing to see here any more.",
  },
  full: {
    title: "This room is full",
    note: "There is no room for another phone. The pictures are on every phone that came in before.",
  },
  offline: "No connection. We keep trying.",
};
