/** Small convolutional networks for digits. */
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d, Module, Sequential } from "../nn/index.ts";
import type { Tensor } from "../tensor.ts";

/**
 * LeNet-5 (LeCun et al. 1998, §II.B) as it is built today, with ReLU and maximum pooling, and every channel connected:
 * `(N, 1, 28, 28) → (N, 10)`, 61,706 parameters. The images are padded to the 32 × 32 of the paper.
 */
export class LeNet5 extends Module {
  readonly conv1: Conv2d = new Conv2d(1, 6, 5, { padding: 2 });
  readonly conv2: Conv2d = new Conv2d(6, 16, 5);
  readonly fc1: Linear = new Linear(16 * 5 * 5, 120);
  readonly fc2: Linear = new Linear(120, 84);
  readonly fc3: Linear = new Linear(84, 10);
  readonly pool: MaxPool2d = new MaxPool2d(2);

  override forward(x: Tensor): Tensor {
    const c1 = this.pool.forward(this.conv1.forward(x).relu()); // (N, 6, 14, 14)
    const c2 = this.pool.forward(this.conv2.forward(c1).relu()); // (N, 16, 5, 5)
    const f1 = this.fc1.forward(c2.flatten(1)).relu();
    return this.fc3.forward(this.fc2.forward(f1).relu());
  }
}

/**
 * Three convolutions with batch normalization: `(N, 1, 28, 28) → (N, 10)`, 29,178 parameters, half of LeNet-5's and better.
 */
export class DigitsCnn extends Module {
  readonly conv1: Conv2d = new Conv2d(1, 16, 3, { padding: 1, bias: false });
  readonly bn1: BatchNorm2d = new BatchNorm2d(16);
  readonly conv2: Conv2d = new Conv2d(16, 32, 3, { padding: 1, bias: false });
  readonly bn2: BatchNorm2d = new BatchNorm2d(32);
  readonly conv3: Conv2d = new Conv2d(32, 64, 3, { padding: 1, bias: false });
  readonly bn3: BatchNorm2d = new BatchNorm2d(64);
  readonly pool: MaxPool2d = new MaxPool2d(2);
  readonly shrink: AdaptiveAvgPool2d = new AdaptiveAvgPool2d(3);
  readonly head: Sequential = new Sequential(new Dropout(0.2), new Linear(64 * 3 * 3, 10));

  override forward(x: Tensor): Tensor {
    const c1 = this.pool.forward(this.bn1.forward(this.conv1.forward(x)).relu()); // (N, 16, 14, 14)
    const c2 = this.pool.forward(this.bn2.forward(this.conv2.forward(c1)).relu()); // (N, 32, 7, 7)
    const c3 = this.bn3.forward(this.conv3.forward(c2)).relu();
    return this.head.forward(this.shrink.forward(c3).flatten(1));
  }
}
