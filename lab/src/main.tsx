/** The Lab begins. */
import { render } from "preact";
import "../generated/fonts.css";
import "./theme.css";
import "./common.css";
import "./layout.css";
import "./unscripted.css";
import "./print.css";
import { App } from "./app.tsx";
import { heedTeacher } from "./teacher.ts";

const place = document.getElementById("app") as HTMLElement;
place.textContent = "";
heedTeacher();
render(<App />, place);

/** Milliseconds after which the rest is fetched for later, when the page is there and has begun to compute. */
const later = 3000;
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // Where it is refused, as in private windows of some browsers, the Lab just needs its server.
  setTimeout(() => void navigator.serviceWorker.register("./sw.js").catch(() => undefined), later);
}
