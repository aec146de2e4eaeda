/** As long as a sentence takes to read. */
const readWithinMs = 7000;

/** The last refusal, by code, until it is read. */
export class Trouble {
  code = $state<string>();
  #reading: ReturnType<typeof setTimeout> | undefined;

  tell(code: string): void {
    this.clear();
    this.code = code;
    this.#reading = setTimeout(() => this.clear(), readWithinMs);
  }

  clear = (): void => {
    clearTimeout(this.#reading);
    this.code = undefined;
  };
}
