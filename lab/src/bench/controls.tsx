/** What can be changed of a run: presets, and a control for each parameter, for all lanes or for one. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId } from "preact/hooks";
import type { Parameter, Values } from "../../../src/experiments/experiment.ts";
import { forkId } from "../../../src/experiments/settings.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Opening } from "../engine/protocol.ts";
import { isPhone } from "../screen.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { readValue } from "./address.ts";
import { useDraft } from "./draft.ts";
import { Menu } from "./menu.tsx";
import type { Bench } from "./store.ts";
import { PhoneSettings } from "./transport.tsx";
import "./controls.css";

interface ControlsProps {
  readonly bench: Bench;
  /** The parameter that stands before the others; on a phone these are in a sheet. */
  readonly primary?: string | undefined;
}

export function Controls({ bench, primary }: ControlsProps): JSX.Element {
  const isOpen = useSignal(false);
  const { params, lanes, presets } = bench.details;
  const chosen = useSignal<string>("");
  const ids = Object.keys(lanes);
  const { fork } = bench.opening.value;
  // Who has made a fork means to go on with it.
  useEffect(() => {
    chosen.value = fork ? forkId : "";
  }, [chosen, fork?.lane, fork?.step]);
  const lane = ids.includes(chosen.value) ? chosen.value : "";
  const settings = bench.settings;
  const live = bench.shown.value?.lanes;
  /** The one lane that a control is for; none: all of them. */
  const laneFor = (name: string): string | undefined => lane || (apart(bench, name) ? ids.at(-1) : undefined);
  const valueIn = (id: string, name: string): Values[string] => {
    const now = params[name].hot ? live?.find((l) => l.id === id)?.values[name] : undefined;
    return now ?? (settings.get(id)?.[name] as Values[string]);
  };
  const present = (name: string): Values[string] => valueIn(laneFor(name) ?? ids[0], name);
  /** What a control is for, where it is not for what is chosen above, or lanes differ. */
  const noteOn = (name: string): Text | undefined => {
    const own = laneFor(name);
    if (own !== undefined) return lane ? undefined : lanes[own].label;
    return new Set(ids.map((id) => JSON.stringify(valueIn(id, name)))).size > 1 ? words.differs : undefined;
  };
  // A drawing is shown as what it is, not as hundreds of numbers.
  const isShown = (name: string): boolean => ((v) => !Array.isArray(v) || v.length <= 100)(present(name));
  const shownParams = Object.entries(params).filter(([name]) => isShown(name));
  const preset = bench.opening.value.choice.preset ?? "";
  const control = ([name, parameter]: [string, Parameter]): JSX.Element => (
    <Control
      key={`${name} ${lane}`}
      name={name}
      parameter={parameter}
      value={present(name)}
      note={noteOn(name)}
      settings={bench.opening.value}
      onChange={(value) => bench.set(name, value, laneFor(name))}
    />
  );
  const sheet = useId();
  return (
    <section
      class="controls"
      data-part="settings"
      aria-label={said(words.settings)}
      onKeyDown={(event) => {
        if (event.key === "Escape") isOpen.value = false;
      }}
    >
      {primary !== undefined && (
        <div class="primary-control">
          {shownParams.filter(([name]) => name === primary).map(control)}
          <button
            type="button"
            class="opens-sheet"
            data-action="settings"
            aria-expanded={isOpen.value}
            aria-controls={sheet}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            {said(isOpen.value ? words.close : words.settings)}
          </button>
        </div>
      )}
      <div id={sheet} class={isOpen.value ? "sheet open" : "sheet"}>
        {isPhone.value && <PhoneSettings bench={bench} />}
        <div class="row">
          <Menu
            name="preset"
            label={words.preset}
            value={preset}
            options={[["", words.byDefault], ...Object.entries(presets).map(([id, { label }]) => [id, label] as const)]}
            onChoose={(id) => bench.choosePreset(id || null)}
          />
          {ids.length > 1 && (
            <Menu
              name="lane"
              label={words.forLane}
              value={lane}
              options={[["", words.allLanes], ...ids.map((id) => [id, lanes[id].label] as const)]}
              onChoose={(id) => {
                chosen.value = id;
              }}
            />
          )}
          {fork && (
            <button type="button" data-action="unfork" onClick={() => bench.unfork()}>
              <T text={words.unfork} />
            </button>
          )}
        </div>
        {preset !== "" && (
          <p class="why">
            <T text={presets[preset].why} block />
          </p>
        )}
        <div class="grid">{shownParams.filter(([name]) => name !== primary).map(control)}</div>
      </div>
    </section>
  );
}

/** Whether lanes are set apart by this parameter: then a change is meant for the last of them. */
const apart = (bench: Bench, name: string): boolean =>
  Object.values(bench.details.lanes).some(({ values }) => name in values);

interface ControlProps {
  readonly name: string;
  readonly parameter: Parameter;
  readonly value: Values[string];
  /** For which lanes it is, where that has to be said. */
  readonly note: Text | undefined;
  /** The settings of the run as a whole: once they are others, a refusal is no answer to what is there. */
  readonly settings: Opening;
  onChange(value: Values[string]): void;
}

function Control({ name, parameter: p, value, note, settings, onChange }: ControlProps): JSX.Element {
  const refusedIn = useSignal<Opening | null>(null);
  const isRefused = refusedIn.value === settings;
  /** Takes what was typed, or says what could be, and has the value as it was. */
  const typed = (text: string): void => {
    const read = readValue(p, text);
    refusedIn.value = read === undefined ? settings : null;
    if (read !== undefined) onChange(read);
  };
  const id = `control-${name}`;
  return (
    <div class="control" data-parameter={name}>
      <label for={id} title={p.help ? said(p.help) : undefined}>
        <T text={p.label} />
        {note && (
          <span class="for-lane">
            {" "}
            <T text={say(`（${note.ja}）`, `(${note.en})`)} />
          </span>
        )}
        {p.hot && (
          <span class="hot" title={said(words.hot)}>
            <span aria-hidden="true">◆</span>
            <span class="visually-hidden">{said(words.hot)}</span>
          </span>
        )}
      </label>
      {p.kind === "choice" ? (
        <select
          id={id}
          data-control={name}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {p.options.map((option) => (
            <option key={option} value={option}>
              {p.names?.[option] ? said(p.names[option]) : option}
            </option>
          ))}
        </select>
      ) : p.kind === "list" ? (
        <ListField {...{ id, name, typed, isRefused }} value={value as readonly number[]} />
      ) : (
        <Slider
          {...{ id, name, typed, isRefused }}
          parameter={p}
          value={value as number}
          onChange={(next) => {
            refusedIn.value = null;
            onChange(next);
          }}
        />
      )}
      {isRefused && p.kind !== "choice" && (
        <p class="refused" role="alert">
          <T text={words.takes(p.kind, p.min, p.max)} block />
        </p>
      )}
      {p.help && (
        <p class="help">
          <T text={p.help} block />
        </p>
      )}
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly name: string;
  readonly isRefused: boolean;
  /** Takes what was typed. */
  typed(text: string): void;
}

function ListField({ id, name, value, isRefused, typed }: FieldProps & { value: readonly number[] }): JSX.Element {
  const draft = useDraft(listed(value), typed);
  return <input id={id} type="text" data-control={name} aria-invalid={isRefused} {...draft} />;
}

const listed = (value: readonly number[]): string => value.map((x) => Number(x.toPrecision(3))).join(" ");

type Ranged = Extract<Parameter, { kind: "integer" | "number" }>;
/** Positions of a slider whose numbers are not whole. */
const positions = 200;

interface SliderProps extends FieldProps {
  readonly parameter: Ranged;
  readonly value: number;
  onChange(value: number): void;
}

/** A slider with its number, which can be typed too. Sliders of rates and widths go by powers. */
function Slider({ id, name, parameter: p, value, isRefused, typed, onChange }: SliderProps): JSX.Element {
  const isLog = p.scale === "log" || (p.kind === "integer" && p.max > 500);
  const least = isLog ? Math.max(p.min, p.kind === "integer" ? 1 : p.max / 1e6) : p.min;
  const isFine = p.kind === "number" || isLog;
  const toPosition = (v: number): number =>
    isLog
      ? v < least
        ? 0
        : Math.round((positions * Math.log(v / least)) / Math.log(p.max / least))
      : isFine
        ? Math.round((positions * (v - p.min)) / (p.max - p.min))
        : v;
  const toValue = (position: number): number => {
    if (!isFine) return position;
    const raw = isLog
      ? position === 0
        ? p.min
        : least * (p.max / least) ** (position / positions)
      : p.min + ((p.max - p.min) * position) / positions;
    return p.kind === "integer" ? Math.round(raw) : Number(raw.toPrecision(3));
  };
  const isHot = p.hot === true;
  // What begins a run anew waits until the slider is let go.
  const slide = useDraft(String(toPosition(value)), (text) => isHot || onChange(toValue(Number(text))));
  const held = toValue(Number(slide.value));
  const shown = Number(slide.value) === toPosition(value) ? value : held;
  const draft = useDraft(String(Number(shown.toPrecision(4))), typed);
  return (
    <div class="slider">
      <input
        id={id}
        type="range"
        data-control={name}
        min={isFine ? 0 : p.min}
        max={isFine ? positions : p.max}
        aria-valuetext={String(shown)}
        {...slide}
        onInput={(event) => {
          slide.onInput(event);
          if (isHot) onChange(toValue(Number(event.currentTarget.value)));
        }}
      />
      <input
        type="number"
        class="number"
        aria-label={said(p.label)}
        data-number={name}
        min={p.min}
        max={p.max}
        step={p.kind === "integer" ? 1 : "any"}
        aria-invalid={isRefused}
        {...draft}
      />
    </div>
  );
}
