/** How the house is set for the person in front of it; forgotten when they go. */
class House {
  contrast = $state(matchMedia("(prefers-contrast: more)").matches);
  low = $state(false);

  reset(): void {
    this.contrast = matchMedia("(prefers-contrast: more)").matches;
    this.low = false;
  }
}

export const house = new House();
