/** Inside the compiler: what becomes of a computation, stage by stage, made here and now by the engine. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { KernelText } from "../../../src/index.ts";
import type { ExplainedKernel, Explanation } from "../../../src/runtime/explain.ts";
import { Menu } from "../bench/menu.tsx";
import type { Computation } from "../engine/compiler.ts";
import { ask } from "../engine/engine.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { Table } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { What } from "../figures/what.tsx";
import { ExpressionInput } from "../lessons/expression-input.tsx";
import { said, T } from "../text/language.tsx";
import { lineProblem } from "../text/line-problem.ts";
import { words } from "../text/words.ts";
import "./compiler.css";

const text = {
  about: say(
    "式を書いただけでは何も計算されません。記録されたグラフが、カーネルに融合され、ループになり、命令になります。下はすべて、いまこのブラウザで作られたものです。",
    "Writing an expression computes nothing. The graph that was recorded is fused into kernels, which become loops, then instructions. All below was made in this browser just now.",
  ),
  computation: say("計算", "computation"),
  graph: say("グラフ", "The graph"),
  graphHelp: say("記録された演算。入力が先。", "Operations as they were recorded, inputs first."),
  kernels: say("カーネル", "Kernels"),
  kernelsHelp: say(
    "融合の結果。1 つ選ぶと中身が見えます。",
    "What they are fused into. Choose one to see what is in it.",
  ),
  loops: say("ループ IR", "Loop IR"),
  vector: say("ベクトル IR（機械語の一歩手前）", "Vector IR, a step before machine code"),
  code: say("命令", "Instructions"),
  machine: say("機械", "machine"),
  machines: {
    wasm: say("WebAssembly（このブラウザで動くもの）", "WebAssembly, which runs in this browser"),
    avx2: say("x86-64 AVX2", "x86-64 with AVX2"),
    avx512: say("x86-64 AVX-512", "x86-64 with AVX-512"),
  },
  bytes: say("そのバイト列", "The same as bytes"),
  own: say("自分の式", "an expression of your own"),
  line: say("式", "expression"),
  given: say(
    "x は (64, 256)、w は (256, 128)、b は (128)、y は (64, 256) です。",
    "x is (64, 256), w is (256, 128), b is (128), y is (64, 256).",
  ),
  compileIt: say("コンパイル", "Compile it"),
  memory: say("読み書きするメモリ", "The memory that it sees"),
  written: say("書く", "written"),
  read: say("読む", "read"),
  arena: say("メモリの地図", "The map of memory"),
  arenaHelp: say(
    "横はカーネルの順番、縦は番地。同時に要らない値は同じ場所を使います。",
    "Kernels from left to right, addresses from top to bottom. Values that are not needed at once share their place.",
  ),
  whatArena: say(
    "箱 1 つが途中の値 1 つです。左端が書くカーネル、右端が最後に読むカーネルで、縦の長さがバイト数です。重ならない箱は、同じ番地を順に使えます。",
    "Each box is a value on the way: from the kernel that writes it to the last that reads it, and as high as it has bytes. Boxes that do not meet may have the same addresses, one after the other.",
  ),
  noArena: say(
    "途中の値はすべてレジスターに収まり、メモリに置くものはありません。",
    "All values on the way stay in registers: there is nothing to put into memory.",
  ),
  timings: say("かかった時間（ミリ秒）", "Time taken (milliseconds)"),
  pieces: say("独立な部品", "items"),
  lanes: say("レーン", "lanes"),
  plan: say("計画", "plan"),
  vectorize: say("命令への変換", "vectorize"),
  assemble: say("バイト列の生成", "assemble"),
  compile: say("コンパイル", "compile"),
  run: say("実行", "run"),
} as const;

export function CompilerPage(): JSX.Element {
  const graphs = useSignal<readonly { id: string; title: Text }[]>([]);
  const chosen = useSignal("softmax");
  const shown = useSignal<Explanation | null>(null);
  const problem = useSignal("");
  const kernel = useSignal(0);
  useEffect(() => {
    void ask<{ id: string; title: Text }[]>("graphs", null).then((list) => {
      graphs.value = list;
    });
  }, [graphs]);
  const line = useSignal("relu(x.matmul(w) + b)");
  const computation = useSignal<Computation>({ id: "softmax" });
  const of = computation.value;
  useEffect(() => {
    let isCurrent = true;
    [shown.value, kernel.value, problem.value] = [null, 0, ""];
    ask<Explanation>("explain", of).then(
      (explanation) => {
        if (isCurrent) shown.value = explanation;
      },
      (error: Error) => {
        if (isCurrent) problem.value = error.message;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [of, shown, kernel, problem]);
  const explanation = shown.value;
  return (
    <main id="main" class="compiler">
      <h1>
        <T text={words.compiler} block />
      </h1>
      <p>
        <T text={text.about} block />
      </p>
      <Menu
        name="graph"
        label={text.computation}
        value={chosen.value}
        options={[...graphs.value.map(({ id, title }) => [id, title] as const), [own, text.own]]}
        onChoose={(id) => {
          chosen.value = id;
          computation.value = id === own ? { line: line.value } : { id };
        }}
      />
      {chosen.value === own && (
        <form
          class="fill-in"
          onSubmit={(event) => {
            event.preventDefault();
            computation.value = { line: line.value };
          }}
        >
          <p class="muted">
            <T text={text.given} block />
          </p>
          <div class="line">
            <ExpressionInput name="line" label={text.line} line={line} />
            <button type="submit">
              <T text={text.compileIt} />
            </button>
          </div>
        </form>
      )}
      {problem.value && (
        <p role="alert">
          <T text={lineProblem(problem.value)} />
        </p>
      )}
      {explanation && <Stages explanation={explanation} of={of} at={kernel.value} choose={(i) => (kernel.value = i)} />}
    </main>
  );
}

/** The choice of an expression of one's own, among computations by their ids. */
const own = "own";

interface StagesProps {
  readonly of: Computation;
  readonly explanation: Explanation;
  readonly at: number;
  choose(kernel: number): void;
}

function Stages({ explanation, of, at, choose }: StagesProps): JSX.Element {
  const { graph, kernels, arena, timings } = explanation;
  return (
    <>
      <Section title={text.graph} help={text.graphHelp}>
        <Table
          head={["", "op", "shape", "dtype", "←"]}
          rows={graph.map(({ id, op, detail, shape, dtype, inputs, isResult }) => [
            `n${id}${isResult ? " ●" : ""}`,
            `${op} ${detail}`,
            `[${shape.join(", ")}]`,
            dtype,
            inputs.map((n) => `n${n}`).join(" "),
          ])}
        />
      </Section>
      <Section title={text.kernels} help={text.kernelsHelp}>
        <div class="kernels" role="listbox" aria-label={said(text.kernels)}>
          {kernels.map((k, i) => (
            <button key={k.name} type="button" role="option" aria-selected={i === at} onClick={() => choose(i)}>
              <code>{k.name}</code>
              <span>
                <T text={text.pieces} /> {k.items} · <T text={text.lanes} /> {k.lanes} · {k.time.toFixed(3)} ms
              </span>
            </button>
          ))}
        </div>
        {kernels[at] && <Kernel kernel={kernels[at]} at={at} of={of} />}
      </Section>
      <Section title={text.arena} help={text.arenaHelp}>
        {arena.values.length > 0 ? (
          <figure class="figure">
            <figcaption class="number">
              {arena.bytes.toLocaleString("en")} bytes
              <What tells={[text.whatArena]} />
            </figcaption>
            <Canvas label={said(text.arena)} height={260} draw={(pen) => drawArena(pen, explanation)} />
          </figure>
        ) : (
          <p>
            <T text={text.noArena} block />
          </p>
        )}
      </Section>
      <Section title={text.timings}>
        <Table
          head={[text.plan, text.vectorize, text.assemble, text.compile, text.run]}
          rows={[[timings.plan, timings.vectorize, timings.assemble, timings.compile, timings.run]]}
        />
      </Section>
    </>
  );
}

function Section({
  title,
  help,
  children,
}: {
  title: Text;
  help?: Text;
  children: preact.ComponentChildren;
}): JSX.Element {
  return (
    <section>
      <h2>
        <T text={title} />
      </h2>
      {help && (
        <p class="muted">
          <T text={help} block />
        </p>
      )}
      {children}
    </section>
  );
}

type Machine = keyof typeof text.machines;

function Kernel({ kernel, at, of }: { kernel: ExplainedKernel; at: number; of: Computation }): JSX.Element {
  const machine = useSignal<Machine>("wasm");
  const texts = useSignal<readonly KernelText[]>([]);
  const chosen = machine.value;
  useEffect(() => {
    texts.value = [];
    if (chosen === "wasm") return;
    let isCurrent = true;
    void ask<KernelText[]>("texts", { machine: chosen, of }).then((made) => {
      if (isCurrent) texts.value = made;
    });
    return () => {
      isCurrent = false;
    };
  }, [chosen, of, texts]);
  // Kernels for other machines are cut alike, but for how many lanes they have.
  const others = texts.value;
  const other =
    others[at]?.name === kernel.name ? others[at] : (others.find((k) => k.name === kernel.name) ?? others[at]);
  const instructions = chosen === "wasm" ? kernel.text : (other?.text ?? "…");
  return (
    <div class="stages">
      <Code title={text.loops} code={kernel.loops} isOpen />
      <Code title={text.vector} code={kernel.vector} />
      <details open>
        <summary>
          <T text={text.code} />
        </summary>
        <Menu
          name="machine"
          label={text.machine}
          value={chosen}
          options={(Object.keys(text.machines) as Machine[]).map((name) => [name, text.machines[name]] as const)}
          onChoose={(name) => {
            machine.value = name;
          }}
        />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
        <pre class="scroll" tabIndex={0} data-code={chosen}>
          {instructions}
        </pre>
      </details>
      {chosen === "wasm" && <Code title={text.bytes} code={hex(kernel.code)} />}
      <details>
        <summary>
          <T text={text.memory} />
        </summary>
        <Table
          head={["", "", "", "shape", "dtype"]}
          rows={kernel.buffers.map(({ name, shape, dtype, isWritten }, i) => [
            `m${i}`,
            isWritten ? text.written : text.read,
            name,
            `[${shape.join(", ")}]`,
            dtype,
          ])}
        />
      </details>
    </div>
  );
}

/** The first bytes of code, sixteen a line. */
function hex(code: Uint8Array | string): string {
  const bytes = typeof code === "string" ? [] : Array.from(code);
  const rows = Array.from({ length: Math.ceil(Math.min(bytes.length, 512) / 16) }, (_, row) =>
    bytes
      .slice(row * 16, row * 16 + 16)
      .map((b) => b.toString(16).padStart(2, "0"))
      .join(" "),
  );
  return `${rows.join("\n")}${bytes.length > 512 ? `\n… ${bytes.length}` : ""}`;
}

function Code({ title, code, isOpen = false }: { title: Text; code: string; isOpen?: boolean }): JSX.Element {
  return (
    <details open={isOpen}>
      <summary>
        <T text={title} />
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre class="scroll" tabIndex={0}>
        {code}
      </pre>
    </details>
  );
}

/** Values as rectangles: as long as they live, and as high as their bytes. */
function drawArena(pen: Pen, { arena, kernels }: Explanation): void {
  const { context, width, height, colors } = pen;
  const columns = kernels.length + 1;
  const x = (kernel: number): number => ((kernel + 1) / columns) * (width - 8);
  const y = (byte: number): number => (byte / Math.max(arena.bytes, 1)) * (height - 20);
  arena.values.forEach(({ name, offset, bytes, from, to }, i) => {
    const [left, top] = [x(from), y(offset)];
    const [wide, tall] = [x(to + 1) - left - 2, Math.max(y(offset + bytes) - top - 1, 1)];
    context.globalAlpha = 0.15 + 0.1 * (i % 3);
    context.fillStyle = colors.positive;
    context.fillRect(left, top, wide, tall);
    context.globalAlpha = 1;
    context.strokeStyle = colors.positive;
    context.strokeRect(left + 0.5, top + 0.5, wide - 1, tall - 1);
    if (tall > 12) write(pen, name, left + 4, top + tall / 2, { color: colors.ink, room: wide - 8 });
  });
  for (const i of kernels.keys()) {
    write(pen, String(i), (x(i) + x(i + 1)) / 2, height - 8, { color: colors.muted, align: "center" });
  }
}
