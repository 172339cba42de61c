/** Where in the Lab the reader is, as the part of the address behind `#`: it works under any host that serves files. */
import { signal } from "@preact/signals";

export interface Route {
  /** Such as `["lesson", "momentum"]`; empty on the first page. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return {
    path: path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

export const route = signal<Route>(parseRoute(location.hash));

/** How many addresses were gone to: what a page writes itself with `rewrite` is none, and leaves `route` as it is. */
export const visits = signal(0);

addEventListener("hashchange", () => {
  visits.value++;
  route.value = parseRoute(location.hash);
});

/** What an address asks for besides a run: it stays when the run changes. */
const lasting = ["hide", "figure", "play"];

/** Writes the state of the page to the address, without a new entry in the history. */
export function rewrite(path: readonly string[], query: URLSearchParams): void {
  for (const name of lasting) {
    const value = route.peek().query.get(name);
    if (value !== null) query.set(name, value);
  }
  const text = query.toString();
  const hash = `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

export const linkTo = (...path: readonly string[]): string => `#/${path.map(encodeURIComponent).join("/")}`;
