import { describe, expect, it } from "vitest";
import type { Capture, Painting, Picture, RoomEvent, Snapshot, Ticket } from "../api/types";
import { fold } from "./fold";
import { emptyDraft, screenFor } from "./screen";
import { placesOf } from "./wall";

const at = "2026-11-21T11:18:26.123Z";
const picture: Picture = { id: "x", url: "/media/x?e=1&s=2", width: 512, height: 512, bytes: 9, content_type: "image/jpeg" };
const capture = (id: string): Capture => ({
  ...picture,
  id,
  taken_at: at,
  source: "upload",
  current: true,
  thumb: picture,
  screen: picture,
});
const painting = (id: string, style: string, more: Partial<Painting> = {}): Painting => ({
  id,
  capture: "c1",
  style,
  seed: 1,
  state: "queued",
  attempts: 0,
  share: 0,
  asked_at: at,
  ...more,
});
const ticket: Ticket = {
  id: "t1",
  painting: "p1",
  number: 7,
  claim: "1234",
  made_at: at,
  formats: { phone: picture, print: picture, pdf: picture },
};
const opened: Snapshot = {
  id: "s1",
  activity: "painter",
  state: "consent",
  on_screen: true,
  seq: 1,
  now: at,
  locale: "ko",
  opened_at: at,
  expires_at: "2026-11-24T11:18:26.123Z",
  phones: 0,
  captures: [],
  paintings: [],
  tickets: [],
  prints: [],
  line: { ahead: 0, eta_s: [10, 30] },
};

const visit: RoomEvent[] = [
  { seq: 2, at, type: "consent.given", data: { painting: true, wall: false, offsite: false } },
  { seq: 3, at, type: "capture.taken", data: { capture: capture("c1") } },
  { seq: 4, at, type: "paintings.asked", data: { paintings: [painting("p1", "renoir"), painting("p2", "picasso")] } },
  { seq: 5, at, type: "painting.started", data: { painting: "p1", style: "renoir", attempt: 1, by: "embedded" } },
  { at, type: "painting.progress", data: { painting: "p1", style: "renoir", share: 0.4 } },
  { seq: 6, at, type: "painting.done", data: { painting: painting("p1", "renoir", { ...picture, id: "p1", state: "done" }) } },
  { seq: 7, at, type: "painting.failed", data: { painting: "p2", style: "picasso", attempts: 3, error: { code: "timed_out", message: "" } } },
  { seq: 8, at, type: "ticket.ready", data: { ticket } },
];
const after = (events: RoomEvent[], from = opened) => events.reduce(fold, from);

describe("fold", () => {
  it("walks through a visit in the daemon's states", () => {
    const states = visit.map((_, i) => after(visit.slice(0, i + 1)).state);
    expect(states).toEqual(["capture", "painting", "painting", "painting", "painting", "painting", "choose", "ticket"]);
  });

  it("is deaf to what it already knows", () => {
    const once = after(visit);
    expect(after(visit, once)).toEqual(once);
    expect(once.seq).toBe(8);
    expect(once.tickets).toHaveLength(1);
  });

  it("shows progress while painting, and not after", () => {
    const late: RoomEvent = { at, type: "painting.progress", data: { painting: "p1", style: "renoir", share: 0.9 } };
    expect(after(visit.slice(0, 5)).paintings[0]).toMatchObject({ state: "painting", share: 0.4, by: "embedded" });
    expect(fold(after(visit), late).paintings[0]?.state).toBe("done");
  });

  it("goes back to painting when a failed one is tried again", () => {
    const again: RoomEvent = { seq: 8, at, type: "painting.retried", data: { painting: "p2", style: "picasso" } };
    const next = fold(after(visit.slice(0, 7)), again);
    expect(next.state).toBe("painting");
    expect(next.paintings[1]).toMatchObject({ state: "queued", error: undefined });
  });

  it("lets a retake put the first photo and its paintings aside", () => {
    const retake: RoomEvent[] = [
      { seq: 6, at, type: "capture.taken", data: { capture: capture("c2") } },
      { seq: 7, at, type: "painting.cancelled", data: { painting: "p1", style: "renoir" } },
      { seq: 8, at, type: "painting.cancelled", data: { painting: "p2", style: "picasso" } },
    ];
    const next = after(retake, after(visit.slice(0, 4)));
    expect(next.captures.map(({ id, current }) => [id, current])).toEqual([["c1", false], ["c2", true]]);
    expect(next.state).toBe("painting");
    expect(placesOf(next, ["renoir", "picasso"]).map(({ newest }) => newest)).toEqual([undefined, undefined]);
  });

  it("knows why a sheet waits, until it is out", () => {
    const says = { ko: "종이", en: "paper" };
    const order = { id: "o1", ticket: "t1", copies: 1, sheets_done: 0, state: "queued" as const };
    const ordered = fold(after(visit), { seq: 9, at, type: "print.queued", data: { print: order } });
    const hint = { state: "needs" as const, says, keeps_waiting: true };
    const waiting = after(
      [
        { at, type: "printer.state", data: hint },
        { at, type: "print.waiting", data: { print: "o1", waits: says } },
      ],
      ordered,
    );
    expect(waiting.printer).toEqual(hint);
    expect(waiting.prints[0]).toMatchObject({ state: "queued", waits: says });
    const done = fold(waiting, { seq: 10, at, type: "print.done", data: { print: "o1", copies: 1 } });
    expect(done.prints[0]).toMatchObject({ state: "done", waits: undefined });
  });

  // Photos are kept for a day, what was made of them for three; links tell of either no longer than that.
  const hint = { state: "needs" as const, says: { ko: "종이", en: "paper" }, keeps_waiting: true };
  const days: [string, Snapshot][] = [
    ["the photo", { ...after(visit), captures: [] }],
    ["the ticket too", { ...after(visit), captures: [], tickets: [] }],
    ["the photo, at the wall", { ...after(visit.slice(0, 7)), captures: [] }],
  ];
  it.each(days)("goes back to no earlier screen when %s has expired", (_, old) => {
    expect(fold(old, { at, type: "printer.state", data: hint }).state).toBe(old.state);
    expect(fold(old, { seq: 9, at, type: "phone.joined", data: { phones: 2 } }).state).toBe(old.state);
  });

  it("forgets every picture once erased", () => {
    const erased: RoomEvent = { seq: 9, at, type: "session.erased", data: { erased_at: at } };
    expect(fold(after(visit), erased)).toMatchObject({ state: "ended", captures: [], paintings: [], tickets: [] });
  });

  it("passes over an event it does not know", () => {
    const strange = { seq: 9, at, type: "quiz.answered", data: {} } as unknown as RoomEvent;
    expect(fold(after(visit), strange)).toEqual({ ...after(visit), seq: 9 });
  });
});

describe("screenFor", () => {
  const now = Date.parse(at);
  const painted = after(visit.slice(0, 7));

  it("reviews a fresh photo, until it is kept or ten seconds are over", () => {
    const asked = after(visit.slice(0, 3));
    expect(screenFor(asked, emptyDraft, now + 9_000)).toBe("review");
    expect(screenFor(asked, { ...emptyDraft, kept: "c1" }, now + 1_000)).toBe("painting");
    expect(screenFor(asked, emptyDraft, now + 10_001)).toBe("painting");
  });

  it("goes back to the camera for another photo, until that one is there", () => {
    const asked = after(visit.slice(0, 3));
    const draft = { ...emptyDraft, retaking: "c1" };
    expect(screenFor(asked, draft, now)).toBe("capture");
    const capture = { ...asked.captures[0]!, id: "c2", current: true };
    const again = fold(asked, { seq: asked.seq + 1, at, type: "capture.taken", data: { capture } });
    expect(screenFor(again, draft, now)).toBe("review");
    // It was the last one.
    expect(screenFor(again, { ...emptyDraft, retaking: "c2" }, now)).toBe("review");
    // The pictures are kept for a time only.
    expect(screenFor({ ...again, captures: [] }, draft, now)).not.toBe("capture");
  });

  it("shows no painting of an earlier photo that was picked before", () => {
    const late = now + 60_000;
    const capture = { ...painted.captures[0]!, id: "c2", current: true };
    const again = fold(painted, { seq: painted.seq + 1, at, type: "capture.taken", data: { capture } });
    expect(screenFor(again, { ...emptyDraft, picked: "p1" }, late)).not.toBe("picked");
  });

  it("leads from the wall to the ticket", () => {
    const late = now + 60_000;
    expect(screenFor(painted, emptyDraft, late)).toBe("choose");
    expect(screenFor(painted, { ...emptyDraft, picked: "p1" }, late)).toBe("picked");
    expect(screenFor(painted, { ...emptyDraft, picked: "p2" }, late)).toBe("choose");
    expect(screenFor(painted, { ...emptyDraft, picked: "p1", naming: true }, late)).toBe("name");
    expect(screenFor(after(visit), { ...emptyDraft, picked: "p1", naming: true }, late)).toBe("ticket");
  });

  it("is at rest after the visit", () => {
    expect(screenFor({ ...painted, state: "ended" }, emptyDraft, now)).toBe("attract");
  });
});

describe("placesOf", () => {
  it("keeps the pictures on the wall when the photo has expired", () => {
    const wall = { ...after(visit.slice(0, 7)), captures: [] };
    expect(placesOf(wall, []).map(({ style }) => style)).toEqual(["renoir", "picasso"]);
  });

  it("keeps the earlier version of a style that is painted again", () => {
    const again = fold(after(visit.slice(0, 7)), {
      seq: 8,
      at,
      type: "paintings.asked",
      data: { paintings: [painting("p3", "renoir", { seed: 2 })] },
    });
    const renoir = placesOf(again, ["renoir", "picasso"])[0];
    expect(renoir?.newest?.id).toBe("p3");
    expect(renoir?.done.map(({ id }) => id)).toEqual(["p1"]);
  });
});
