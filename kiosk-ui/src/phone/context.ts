import { createContext } from "svelte";
import type { Phone } from "../store/phone.svelte";

/** The phone's store, for every screen. */
export const [usePhone, providePhone] = createContext<Phone>();
