/** What the browser keeps for the Lab: nothing where it may not, as in a frame on another site, and that does no harm. */

type Place = "localStorage" | "sessionStorage";

/** The text kept under a name; null where there is none. */
export function kept(name: string, place: Place = "localStorage"): string | null {
  try {
    return globalThis[place].getItem(name);
  } catch {
    return null; // even to name the place throws
  }
}

export function keep(name: string, text: string, place: Place = "localStorage"): void {
  try {
    globalThis[place].setItem(name, text);
  } catch {
    // It holds until the page is closed.
  }
}
