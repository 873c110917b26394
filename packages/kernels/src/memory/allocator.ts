import { KernelMemoryError } from "./memory-error.js";
import { PAGE, PageRuns } from "./page-runs.js";

/** Grows the memory; returns its size before in pages, or -1 when it cannot grow. May be called by other threads, too. */
export type GrowPages = (pages: number) => number;

/** Blocks up to this size come from size classes, larger ones are whole pages. */
const SMALL = 32768;
const ALIGNMENT = 16;
const LARGEST_STEP = 1024; // 64 MiB
/**
 * Large blocks begin at different distances into their first page. Tables that are swept together (weights, gradient, moments)
 * would otherwise stand at equal offsets, and processors that find a cache way by part of the address then evict one with the
 * other: dense Adam was five times slower at some sizes.
 */
const COLOURS = 16;
const COLOUR_BYTES = 17 * 64;
/** A block may not end at 4 GiB: loops compare with the address behind the last byte, which would wrap to 0. */
const LAST_PAGE = 65535;

export interface Allocator {
  /** Address of a block and whether its bytes may have been used before (fresh pages are zero). */
  allocate(bytes: number): { readonly address: number; readonly used: boolean };
  /** False when no live block begins at the address. */
  release(address: number): boolean;
  readonly bytesInUse: number;
  /** Most bytes that live blocks can have. */
  readonly limitBytes: number;
}

/**
 * Allocator of a linear memory that several threads may grow: each has its own allocator, which owns only the pages that
 * it added itself. Small blocks: four size classes to a doubling, with free lists. Large ones: best fit, neighbours merged.
 */
export function createAllocator(grow: GrowPages, limitPages: number): Allocator {
  const runs = new PageRuns();
  const freeBySize = new Map<number, number[]>();
  const live = new Map<number, number>();
  const limit = Math.min(limitPages, LAST_PAGE);
  let bytesInUse = 0;
  let owned = 0;
  let colour = 0;
  let end = 0;
  /** Pages from here on were never handed out. */
  let untouched = 0;

  const extend = (pages: number): boolean => {
    const start = grow(pages);
    if (start < 0) return false;
    if (start + pages > limit) return false;
    runs.give(start, pages);
    owned += pages;
    end = start + pages;
    return true;
  };

  const takePages = (pages: number): number => {
    for (;;) {
      const start = runs.take(pages);
      if (start >= 0) return start;
      const missing = pages - runs.tail(end);
      const step = Math.min(LARGEST_STEP, owned >> 2);
      if (!(step > missing && extend(step)) && !extend(missing)) return -1;
    }
  };

  const allocateLarge = (bytes: number): { address: number; used: boolean } => {
    const offset = (colour++ % COLOURS) * COLOUR_BYTES;
    const pages = Math.ceil((offset + bytes) / PAGE);
    const start = pages <= limit ? takePages(pages) : -1;
    if (start < 0) throw new KernelMemoryError({ requested: bytes, inUse: bytesInUse, limit: limit * PAGE });
    const used = start < untouched;
    untouched = Math.max(untouched, start + pages);
    live.set(start * PAGE + offset, pages * PAGE);
    bytesInUse += pages * PAGE;
    return { address: start * PAGE + offset, used };
  };

  const refill = (size: number): number[] => {
    const start = takePages(1);
    if (start < 0) throw new KernelMemoryError({ requested: size, inUse: bytesInUse, limit: limit * PAGE });
    untouched = Math.max(untouched, start + 1);
    const list: number[] = [];
    for (let offset = PAGE - size; offset >= 0; offset -= size) list.push(start * PAGE + offset);
    return list;
  };

  const allocateSmall = (bytes: number): { address: number; used: boolean } => {
    const size = sizeClass(bytes);
    let list = freeBySize.get(size);
    if (list === undefined || list.length === 0) {
      list = refill(size);
      freeBySize.set(size, list);
    }
    const address = list.pop() as number;
    live.set(address, size);
    bytesInUse += size;
    return { address, used: true };
  };

  return {
    allocate: (bytes) => (bytes <= SMALL ? allocateSmall(bytes) : allocateLarge(bytes)),
    release(address) {
      const size = live.get(address);
      if (size === undefined) return false;
      live.delete(address);
      bytesInUse -= size;
      if (size <= SMALL) (freeBySize.get(size) as number[]).push(address);
      else runs.give(Math.floor(address / PAGE), size / PAGE);
      return true;
    },
    get bytesInUse() {
      return bytesInUse;
    },
    limitBytes: limit * PAGE,
  };
}

/** Rounds up to 16 bytes, from 64 bytes on to a quarter of a power of two. */
function sizeClass(bytes: number): number {
  if (bytes <= 64) return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
  const step = 2 ** (Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}
