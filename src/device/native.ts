/**
 * What JavaScript needs to run machine code of its own: memory from the system, calls to an address, and threads. It is
 * had from koffi, an optional package; Node's own `node:ffi` can take its place behind the same interface.
 */
import { DeviceError } from "../errors.ts";

/** How pages may be used. What can be written cannot be executed, and the other way around. */
export type Access = "none" | "write" | "execute";

/** Addresses and sizes are numbers: they are below 2⁵³. */
export interface Native {
  /** A range of address space that cannot be accessed yet, or null where there is none. */
  reserve(bytes: number): number | null;
  /** Lets whole pages be used otherwise, and tells whether the system does. */
  protect(address: number, bytes: number, access: Access): boolean;
  /** Asks for large pages, which need fewer entries of the processor's tables. */
  preferLargePages(address: number, bytes: number): void;
  release(address: number, bytes: number): void;
  /** The bytes at an address. They are there only until they are released. */
  view(address: number, bytes: number): ArrayBuffer;
  /** Machine code as a function of a pointer. */
  function(address: number): (argument: number) => void;
  /** Starts a thread that runs machine code on an argument, and gets no signals; null where there are no more. */
  startThread(code: number, argument: number): Thread | null;
}

export interface Thread {
  /** Waits until its function has returned. */
  join(): void;
}

export const pageBytes = 4096;

const protections: Record<Access, number> = { none: 0, write: 1 | 2, execute: 1 | 4 };
/** What systems call alike, with other numbers. */
export interface System {
  /** For memory that is private, anonymous, and without a reservation of swap space. */
  readonly mapFlags: number;
  /** Null where large pages cannot be asked for. */
  readonly adviceLargePages: number | null;
  readonly setSignalMask: number;
  /** Whether threads can wait as the code for them does: with Linux's futex. Without, there is only the caller. */
  readonly hasThreads: boolean;
}

/**
 * The system that machine code runs on, or null. On macOS nobody has run it yet, so it has to be asked for there. Windows
 * is not among them: kernels can be made for its convention (and are, in tests), but nobody maps pages or waits there.
 */
export function systemOf(platform: string, arch: string): System | null {
  if (arch !== "x64") return null;
  if (platform === "linux")
    return { mapFlags: 0x02 | 0x20 | 0x4000, adviceLargePages: 14, setSignalMask: 2, hasThreads: true };
  if (platform === "darwin")
    return { mapFlags: 0x0002 | 0x1000 | 0x0040, adviceLargePages: null, setSignalMask: 3, hasThreads: false };
  return null;
}

let opened: Promise<Native> | null = null;

/** Machine code on this machine; a DeviceError where it cannot be run. */
export function openNative(): Promise<Native> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Native> {
  const { platform, arch } = process;
  const got = `${platform} on ${arch}`;
  const system = systemOf(platform, arch);
  if (!system) throw refusal(got, "Linux or macOS on x86-64");
  const { mapFlags, adviceLargePages, setSignalMask, hasThreads } = system;
  let koffi: typeof import("koffi")["default"];
  try {
    koffi = (await import("koffi")).default;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    throw refusal(isMissing ? "no package koffi" : "a koffi that does not load", 'it: "npm install koffi"', cause);
  }
  const libc = koffi.load(null);
  const mmap = libc.func("int64_t mmap(int64_t, int64_t, int, int, int, int64_t)");
  const munmap = libc.func("int munmap(int64_t, int64_t)");
  const mprotect = libc.func("int mprotect(int64_t, int64_t, int)");
  const madvise = libc.func("int madvise(int64_t, int64_t, int)");
  const create = libc.func("int pthread_create(void *, void *, int64_t, int64_t)");
  const join = libc.func("int pthread_join(int64_t, void *)");
  const signalMask = libc.func("int pthread_sigmask(int, void *, void *)");
  const kernel = koffi.proto("void (int64_t)");
  return {
    reserve: (bytes) => {
      const address = Number(mmap(0, bytes, protections.none, mapFlags, -1, 0));
      return address === -1 ? null : address;
    },
    protect: (address, bytes, access) => mprotect(address, bytes, protections[access]) === 0,
    preferLargePages: (address, bytes) => {
      if (adviceLargePages !== null) madvise(address, bytes, adviceLargePages);
    },
    release: (address, bytes) => void munmap(address, bytes),
    view: (address, bytes) => koffi.view(BigInt(address), bytes),
    function: (address) => koffi.decode(BigInt(address), kernel),
    startThread: (code, argument) => {
      if (!hasThreads) return null;
      const handle = new BigInt64Array(1);
      const all = new BigInt64Array(16).fill(-1n);
      const before = new BigInt64Array(16);
      signalMask(setSignalMask, all, before);
      const failed = create(handle, null, code, argument);
      signalMask(setSignalMask, before, null);
      return failed ? null : { join: () => void join(handle[0], null) };
    },
  };
}

/** Why there is no machine code here. */
export function refusal(got: string, want: string, cause?: unknown): DeviceError {
  const fix = 'Use the device "wasm", which runs everywhere';
  return new DeviceError({ in: 'device "x64"', got, want, fix }, { cause });
}
