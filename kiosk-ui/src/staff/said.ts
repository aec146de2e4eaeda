import type { GeneratorPart, Overview } from "../api/types";
import { timeOnly } from "../words/dates";
import { localized } from "../words/localized";
import type { Desk } from "./desk.svelte";
import { gigabytes, seconds } from "./numbers";

/** Whose words are used, and in which language. */
export type Teller = Pick<Desk, "say" | "locale" | "nameOf">;

/** Parts say of themselves a line each; what there is nothing to say of is left out. */
const lines = (...all: string[]): string[] => all.filter(Boolean);

export function cameraSays(desk: Teller, camera: Overview["camera"]): string[] {
  const words = desk.say.parts;
  const { driver, condition, says, trouble, refuses, battery_percent: battery } = camera;
  if (driver === "browser") return trouble ? [words.inBrowser, words.camera_trouble[trouble]] : [words.inBrowser];
  const charge = battery == null ? "" : words.battery(battery);
  const now = lines(words.camera_condition[condition], charge).join(", ");
  if (trouble) return [now, words.camera_trouble[trouble]];
  // Of a camera that is well, what it calls itself.
  const what = driver === "folder" ? words.fromFolder : driver === "sample" ? words.samples : says;
  const refused = refuses && refuses.length > 0 ? words.refuses(refuses.join(", ")) : "";
  return lines(now, condition === "recovering" ? "" : what, refused);
}

export function printerSays(desk: Teller, { printer, line }: Pick<Overview, "printer" | "line">): string[] {
  const words = desk.say.parts;
  if (!printer) return [words.noPrinter];
  const { roll, staff, doubtful } = printer;
  const warning = roll?.warning ? words[roll.warning] : "";
  const paper = roll ? lines(words.sheets(roll.left), warning).join(". ") : "";
  // What is in doubt is asked about below.
  const waiting = line.sheets.filter(({ print }) => !doubtful.some(({ order }) => order === print));
  const orders = waiting.map(({ ticket, copies }) => words.order(ticket, copies)).join(", ");
  const waits = orders ? words.waits(orders, Math.max(0, line.prints - line.sheets.length)) : "";
  return lines(localized(staff, desk.locale), waits, paper);
}

export function diskSays(desk: Teller, { free_bytes }: Overview["disk"]): string[] {
  const words = desk.say.parts;
  return [free_bytes == null ? words.diskUnknown : words.free(gigabytes(free_bytes))];
}

export function addressSays(desk: Teller, address: Overview["address"]): string[] {
  const words = desk.say.parts;
  const { url, interface: name, state, pinned, pin_missing: away } = address;
  return lines(
    name ? words.addressAt(url, name) : url,
    words.address_state[state],
    away && pinned ? words.addressAway(pinned.interface) : "",
  );
}

export function clockSays(desk: Teller, { wall, zone, mood, drift_s }: Overview["clock"]): string[] {
  const words = desk.say.parts;
  const now = words.clockRight(timeOnly(wall, desk.locale), zone);
  return mood === "well" ? [now] : [now, words.clockOff(drift_s)];
}

/** Causes that leave open what is wrong. */
const open = new Set(["failing", "unwell", "needs_restart", "not_woken", "not_rested"]);

export function generatorSays(desk: Teller, part: GeneratorPart): string[] {
  const words = desk.say.parts;
  const { state, cause, again_in_s, own_words, draining, at_work, slots, unfit, today, billed, times } = part;
  const now = draining ? words.draining : words.generator_state[state];
  const work = at_work.length > 0 ? words.atWork(at_work.length, slots) : "";
  const paces = times.map(({ warm_s, cold_s }) => warm_s ?? cold_s ?? 0).filter((s) => s > 0);
  const pace = paces.reduce((sum, s) => sum + s, 0) / Math.max(1, paces.length);
  const day = lines(
    words.done(today.done),
    pace > 0 ? words.each(seconds(pace * 1000, desk.locale)) : "",
    today.failed > 0 ? words.failed(today.failed) : "",
    billed ? words.spent(today.spent.toFixed(2)) : "",
  );
  return lines(
    lines(now, work).join(" · "),
    today.done + today.failed > 0 ? day.join(" · ") : "",
    lines(cause ? words.generator_cause[cause] : "", again_in_s ? words.againIn(again_in_s) : "").join(" "),
    unfit.length > 0 ? words.unfit(unfit.map(({ style }) => desk.nameOf(style)).join(", ")) : "",
    // For whoever minds the machine: what it said itself, in its own language, where the word above leaves it open.
    ...lines(cause && open.has(cause) ? (own_words ?? "") : "", ...unfit.map(({ says }) => says)).map(words.quoted),
  );
}
