/** The time that a run still takes, aloud: a voice that counts every second leaves no room for anything else. */

/** The moment that has come when so many seconds are left: whole minutes, and the last ten seconds. */
const momentOf = (seconds: number): number => (seconds <= 10 ? 10 : 60 * Math.ceil(seconds / 60));

/** The moment to tell of, in seconds, after `told` was; null if it was told, or if an estimate has only gone up again. */
export function nextMoment(seconds: number, told: number): number | null {
  const moment = momentOf(seconds);
  return moment < told ? moment : null;
}
