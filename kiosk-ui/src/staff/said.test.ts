import { describe, expect, it } from "vitest";
import type { GeneratorPart, Overview } from "../api/types";
import { staffWords } from "../words/staff";
import { addressSays, cameraSays, clockSays, diskSays, generatorSays, printerSays, type Teller } from "./said";

const say = staffWords.en;
const desk: Teller = { say, locale: "en", nameOf: (style) => style.toUpperCase() };
const { parts } = say;

describe("the camera", () => {
  const camera = (more: object) => ({ driver: "gphoto2", condition: "ready", says: "Canon", ...more }) as Overview["camera"];

  it("says how it is, what it calls itself, and what it does not take", () => {
    const says = cameraSays(desk, camera({ battery_percent: 80, refuses: ["iso", "aperture"] }));
    expect(says).toEqual([`Ready, ${parts.battery(80)}`, "Canon", parts.refuses("iso, aperture")]);
  });

  it("says what is wrong, and nothing besides", () => {
    const says = cameraSays(desk, camera({ condition: "gone", trouble: "not_found" }));
    expect(says).toEqual([parts.camera_condition.gone, parts.camera_trouble.not_found]);
  });

  it("of the kiosk's page is not the daemon's to tell of", () => {
    expect(cameraSays(desk, camera({ driver: "browser" }))).toEqual([parts.inBrowser]);
  });
});

describe("the address", () => {
  const address = (more: object) =>
    ({ url: "http://10.42.0.1:8081", interface: "wlan0", state: "reachable", pin_missing: false, ...more }) as Overview["address"];

  it("says where phones are sent, and by which interface", () => {
    const { reachable } = parts.address_state;
    expect(addressSays(desk, address({}))).toEqual(["http://10.42.0.1:8081 (wlan0)", reachable]);
    const named = address({ url: "https://booth.example", interface: undefined });
    expect(addressSays(desk, named)).toEqual(["https://booth.example", reachable]);
  });

  it("says what keeps phones away, and that what was chosen is not there", () => {
    const alone = address({ url: "http://127.0.0.1:8081", interface: undefined, state: "no_network" });
    expect(addressSays(desk, alone)).toEqual(["http://127.0.0.1:8081", parts.address_state.no_network]);
    const away = address({ pinned: { interface: "eth0", address: "192.168.0.7" }, pin_missing: true });
    expect(addressSays(desk, away)).toContain(parts.addressAway("eth0"));
  });
});

describe("the printer", () => {
  const line = (...tickets: number[]) =>
    ({ prints: tickets.length + 1, sheets: tickets.map((ticket) => ({ print: `o${ticket}`, ticket, copies: 1 })) }) as Overview["line"];
  const printer = {
    staff: { ko: "종이", en: "Out of paper" },
    roll: { left: 9, warning: "last" },
    doubtful: [{ order: "o2" }],
  } as unknown as NonNullable<Overview["printer"]>;

  it("says what it needs, who waits without a doubt, and how much paper is left", () => {
    const says = printerSays(desk, { printer, line: line(1, 2, 3) });
    const orders = `${parts.order(1, 1)}, ${parts.order(3, 1)}`;
    expect(says).toEqual(["Out of paper", parts.waits(orders, 1), `${parts.sheets(9)}. ${parts.last}`]);
    expect(printerSays({ ...desk, say: staffWords.ko, locale: "ko" }, { printer, line: line() })[0]).toBe("종이");
  });

  it("may not be there", () => {
    expect(printerSays(desk, { printer: null, line: line() })).toEqual([parts.noPrinter]);
  });
});

describe("a generator", () => {
  const part = {
    state: "ready",
    at_work: [],
    slots: 2,
    unfit: [],
    today: { done: 0, failed: 0, spent: 0 },
    times: [],
    draining: false,
    billed: false,
  } as unknown as GeneratorPart;

  it("says of its day only what there was", () => {
    expect(generatorSays(desk, part)).toEqual([parts.generator_state.ready]);
    const busy = { ...part, at_work: [{}], today: { done: 3, failed: 1, spent: 0.5 }, billed: true, times: [{ warm_s: 2 }, { cold_s: 4 }] };
    expect(generatorSays(desk, busy as unknown as GeneratorPart)).toEqual([
      `${parts.generator_state.ready} · ${parts.atWork(1, 2)}`,
      [parts.done(3), parts.each("3.0 s"), parts.failed(1), parts.spent("0.50")].join(" · "),
    ]);
  });

  it("is quoted only where the word for it leaves open what is wrong", () => {
    const says = (cause: string) => generatorSays(desk, { ...part, state: "down", cause, own_words: "boom", again_in_s: 5 } as GeneratorPart);
    const down = parts.generator_state.down;
    expect(says("failing")).toEqual([down, `${parts.generator_cause.failing} ${parts.againIn(5)}`, parts.quoted("boom")]);
    expect(says("unreachable")).toEqual([down, `${parts.generator_cause.unreachable} ${parts.againIn(5)}`]);
  });
});

describe("disk and clock", () => {
  it("say what they know", () => {
    expect(diskSays(desk, { free_bytes: 53_800_000_000 } as Overview["disk"])).toEqual([parts.free("54 GB")]);
    expect(diskSays(desk, { free_bytes: null } as Overview["disk"])).toEqual([parts.diskUnknown]);
    const clock = { wall: "2026-11-21T11:18:26Z", zone: "UTC", mood: "well", drift_s: 0 } as Overview["clock"];
    expect(clockSays(desk, clock)).toHaveLength(1);
    expect(clockSays(desk, { ...clock, mood: "watch", drift_s: -90 })[1]).toBe(parts.clockOff(-90));
  });
});
