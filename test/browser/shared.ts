/** One browser and one server for all tests of the Lab that run in this process. */
import { after } from "node:test";
import { type Lab, openLab } from "./lab.ts";

let lab: Promise<Lab> | undefined;

export function sharedLab(): Promise<Lab> {
  lab ??= openLab();
  return lab;
}

after(async () => {
  await (await lab)?.[Symbol.asyncDispose]();
});
