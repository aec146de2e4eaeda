import { createContext } from "svelte";
import type { Desk } from "./desk.svelte";

/** The staff's store, for every part of the page. */
export const [useDesk, provideDesk] = createContext<Desk>();
