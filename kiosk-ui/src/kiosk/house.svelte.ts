import { isRecord, tab } from "../store/shelf";

const key = "easel.house";

interface Set {
  contrast: boolean;
  low: boolean;
}

const asItIs = (): Set => ({ contrast: matchMedia("(prefers-contrast: more)").matches, low: false });

/** What was set, as far as it can be read. */
function kept(): Partial<Set> {
  const { contrast, low } = tab.get(key, isRecord) ?? {};
  return { ...(typeof contrast === "boolean" && { contrast }), ...(typeof low === "boolean" && { low }) };
}

/** How the house is set for the person in front of it, reloads included; forgotten when they go. */
class House {
  #set = $state.raw<Set>({ ...asItIs(), ...kept() });
  /** So many codes for phones are on the screen now. */
  codes = $state(0);

  get contrast(): boolean {
    return this.#set.contrast;
  }

  get low(): boolean {
    return this.#set.low;
  }

  change(step: Partial<Set>): void {
    this.#set = { ...this.#set, ...step };
    tab.put(key, this.#set);
  }

  reset(): void {
    this.#set = asItIs();
    tab.put(key, undefined);
  }

  /** A code has come onto the screen; call what is returned when it goes. */
  showsCode(): () => void {
    this.codes += 1;
    return () => void (this.codes -= 1);
  }
}

export const house = new House();
