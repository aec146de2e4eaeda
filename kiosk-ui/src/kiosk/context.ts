import { createContext } from "svelte";
import type { Kiosk } from "../store/kiosk.svelte";

/** The kiosk's store, for every screen. */
export const [useKiosk, provideKiosk] = createContext<Kiosk>();
