import { Problem } from "../api/problem";
import type { StaffApi } from "../api/staff";
import { newKey } from "../store/seed";

const againMs = 2000;
/** A booth that answers has ended the shift, even if it could not keep that for its next start. */
const mostFaults = 3;

/**
 * Tells the booth that a shift is over, again and again while it does not answer: until it does, or until
 * `endsAt` (by `performance.now()`), when its token has run out by itself.
 */
export async function endShift(api: StaffApi, endsAt: number): Promise<void> {
  const intent = newKey();
  for (let faults = 0; performance.now() < endsAt && faults < mostFaults; ) {
    try {
      return await api.lock(intent);
    } catch (error) {
      const { answered, status } = Problem.from(error);
      if (answered && status < 500) return; // it was worth nothing any more
      if (answered) faults += 1;
    }
    await new Promise((done) => setTimeout(done, againMs));
  }
}
