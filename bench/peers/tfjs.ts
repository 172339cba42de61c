/**
 * TensorFlow.js, on its WebAssembly backend with SIMD. It keeps to one thread in Node: its flag for threads is off there
 * (tensorflow/tfjs#3830), and its workers are made of blobs, which Node's do not take.
 */
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers"; // for the derivatives of all operations, which the core leaves out
import * as tf from "@tensorflow/tfjs-core";
import { a, b, cnn, labels, learningRate, mlp, numbers, type Peer, type Task } from "./peer.ts";

const tensor = (shape: readonly number[], scale = 1, seed = 1): tf.Tensor =>
  tf.tensor(numbers(tf.util.sizeFromShape([...shape]), scale, seed), [...shape]);

const variables = (shapes: readonly (readonly number[])[]): tf.Variable[] =>
  shapes.map((shape, i) => tf.variable(tensor(shape, 0.05, i + 1)));

/** Its kernels are synchronous: when a call returns, the result is there. */
function training(loss: () => tf.Scalar, params: tf.Variable[]): () => Promise<void> {
  const optimizer = tf.train.adam(learningRate);
  return async () => {
    optimizer.minimize(loss, true, params)?.dispose();
  };
}

function repeat(f: () => tf.Tensor): () => Promise<void> {
  return async () => {
    tf.tidy(f).dispose();
  };
}

const dense = (x: tf.Tensor, w: tf.Variable, bias: tf.Variable, activation: "relu" | "linear"): tf.Tensor2D =>
  tf.fused.matMul({ a: x as tf.Tensor2D, b: w as tf.Variable & tf.Tensor2D, bias, activation }) as tf.Tensor2D;

const oneHot = (batch: number): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(labels(batch), "int32"), 10), "float32") as tf.Tensor2D;

/**
 * Three kernels of the backend, mended with its own faster ones. The derivative of a convolution by its filter is missing;
 * it is a convolution of the input, with the cotangent as its filter. The derivative by the input takes nine times as long
 * as the same thing said as a convolution, and a product with a transposed operand ten to twenty times as long as a
 * transposition before the product. All of it for convolutions with stride 1 and no padding, as here.
 */
function mendKernels(): void {
  const replace = (kernelName: string, kernelFunc: tf.KernelFunc): void => {
    if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
  };
  replace("Conv2DBackpropFilter", ({ inputs }) =>
    tf.tidy(() => {
      const [x, dy] = [inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D];
      const across = tf.conv2d(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 1, "valid");
      return tf.transpose(across, [1, 2, 0, 3]);
    }),
  );
  replace("Conv2DBackpropInput", ({ inputs }) =>
    tf.tidy(() => {
      const [dy, filter] = [inputs.dy as tf.Tensor4D, inputs.filter as tf.Tensor4D];
      const [h, w] = [filter.shape[0] - 1, filter.shape[1] - 1];
      const around = tf.pad(dy, [
        [0, 0],
        [h, h],
        [w, w],
        [0, 0],
      ]);
      return tf.conv2d(around, tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]), 1, "valid");
    }),
  );
  for (const name of ["BatchMatMul", "_FusedMatMul"]) {
    const own = tf.getKernel(name, "wasm").kernelFunc;
    replace(name, (call) => {
      const { transposeA, transposeB } = call.attrs as { transposeA?: boolean; transposeB?: boolean };
      if (!transposeA && !transposeB) return own(call);
      return tf.tidy(() => {
        const turned = (x: tf.TensorInfo, turn?: boolean): tf.TensorInfo => {
          const axes = x.shape.map((_, i) => i);
          return turn ? tf.transpose(x as tf.Tensor, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]) : x;
        };
        const { a, b, ...rest } = call.inputs as Record<string, tf.TensorInfo>;
        const inputs = { ...rest, a: turned(a, transposeA), b: turned(b, transposeB) };
        const result = own({ ...call, inputs, attrs: { ...call.attrs, transposeA: false, transposeB: false } });
        return tf.engine().makeTensorFromTensorInfo(result as tf.TensorInfo);
      });
    });
  }
}

const starts: Partial<Record<Task, () => () => Promise<void>>> = {
  gemm512: () => product(512),
  gemm1024: () => product(1024),
  mlp: () => {
    const params = variables(mlp.sizes.slice(1).flatMap((size, i) => [[mlp.sizes[i], size], [size]]));
    const [w1, b1, w2, b2, w3, b3] = params;
    const [x, classes] = [tensor([mlp.batch, mlp.sizes[0]]), oneHot(mlp.batch)];
    return training(() => {
      const h = dense(dense(x, w1, b1, "relu"), w2, b2, "relu");
      return tf.losses.softmaxCrossEntropy(classes, dense(h, w3, b3, "linear")) as tf.Scalar;
    }, params);
  },
  cnn: () => {
    const params = variables([
      ...cnn.convolutions.flatMap(([out, inputs, height, width]) => [[height, width, inputs, out], [out]]),
      ...cnn.linears.flatMap(([out, inputs]) => [[inputs, out], [out]]),
    ]);
    const [k1, c1, k2, c2, w1, b1, w2, b2] = params;
    const [x, classes] = [tensor([cnn.batch, 28, 28, 1]) as tf.Tensor4D, oneHot(cnn.batch)];
    const convolution = (x: tf.Tensor4D, filter: tf.Variable, bias: tf.Variable): tf.Tensor4D =>
      tf.fused.conv2d({
        x,
        filter: filter as tf.Variable & tf.Tensor4D,
        strides: 1,
        pad: "valid",
        bias,
        activation: "relu",
      });
    return training(() => {
      const h = tf.maxPool(convolution(convolution(x, k1, c1), k2, c2), 2, 2, "valid");
      const flat = tf.reshape(h, [cnn.batch, cnn.linears[0][1]]);
      const logits = dense(dense(flat, w1, b1, "relu"), w2, b2, "linear");
      return tf.losses.softmaxCrossEntropy(classes, logits) as tf.Scalar;
    }, params);
  },
  softmax: () => {
    const x = tensor([1024, 4096], 4);
    return repeat(() => tf.softmax(x));
  },
  chain: () => {
    const x = tensor([10_000_000], 4);
    return repeat(() => tf.mul(tf.tanh(tf.add(tf.mul(x, a), b)), tf.sigmoid(x)));
  },
};

function product(n: number): () => Promise<void> {
  const [x, y] = [tensor([n, n], 1, 1), tensor([n, n], 1, 2)];
  return repeat(() => tf.matMul(x, y));
}

const peer: Peer = {
  name: "tfjs-wasm",
  version: tf.version_core,
  threads: [1],
  async run(task) {
    await tf.setBackend("wasm");
    mendKernels();
    return starts[task]?.() ?? null;
  },
};
export default peer;
