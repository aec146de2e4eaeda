/** The next time after `now` at which a clock on the wall shows `clock` ("14:00"). */
export function nextAt(clock: string, now: number): Date {
  const [hours, minutes] = clock.split(":").map(Number);
  const at = new Date(now);
  at.setHours(hours ?? 0, minutes ?? 0, 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at;
}
