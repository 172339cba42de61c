/** The engine: the library in a worker, so that the page stays free to draw and to be touched. */
import { experiments } from "../../../src/experiments/index.ts";
import { setDevice } from "../../../src/index.ts";
import { fetched } from "./data.ts";
import { Driver, type Surroundings } from "./driver.ts";
import type { FromEngine, ToEngine } from "./protocol.ts";
import { tools } from "./tools.ts";

const tell = (message: FromEngine): void => globalThis.postMessage(message);
const mail = new MessageChannel();
/** Resolves after the messages that are waiting have been taken in. */
const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    mail.port1.onmessage = () => resolve();
    mail.port2.postMessage(null);
  });

const around: Surroundings = { experiments, data: fetched, tell, breathe };
let driver: Driver | null = null;
let run = 0;
/** What is under way, one thing after the other; only closing, pausing and another speed come in between. */
let queue: Promise<void> = setDevice("wasm", self.crossOriginIsolated ? {} : { threads: 1 });

function enqueue(work: (driver: Driver) => Promise<void>): void {
  const asked = driver;
  queue = queue
    .then(async () => {
      if (asked && asked === driver) await work(asked);
    })
    .catch((error: unknown) =>
      tell({ kind: "failed", run, message: error instanceof Error ? error.message : `${error}` }),
    );
}

globalThis.onmessage = ({ data }: MessageEvent<ToEngine>): void => {
  switch (data.kind) {
    case "open":
      driver?.close();
      run = data.run;
      driver = new Driver(run, data.opening, around);
      enqueue((d) => d.open(data.until));
      break;
    case "play":
      driver?.speed(data.stepsPerSecond, data.frameEvery);
      enqueue((d) => d.play());
      break;
    case "pause":
      driver?.pause();
      break;
    case "step":
      driver?.pause();
      enqueue((d) => d.step(data.count));
      break;
    case "change":
      driver?.change(data.values, data.lane);
      enqueue((d) => d.settle());
      break;
    case "seeds":
      enqueue((d) => d.seeds(data.seeds));
      break;
    case "poke":
      driver?.pause();
      enqueue((d) => d.poke(data.lane, data.by, data.parameter));
      break;
    case "ask":
      queue = queue
        .then(async () => tell({ kind: "answer", id: data.id, output: await tools[data.tool](data.input) }))
        .catch((error: unknown) =>
          tell({ kind: "answer", id: data.id, error: error instanceof Error ? error.message : `${error}` }),
        );
      break;
    default:
      data satisfies never;
  }
};
