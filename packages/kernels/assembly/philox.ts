// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): a keyed bijection of 128-bit counters, four blocks at a time. Counter
// of a block: its number, the lane, and the two words of the nonce, least significant first, as the streams of the host.

// @ts-ignore: decorator
@inline
function lowWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function highWords(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 1, 3, 5, 7);
}

/** Writes the 16 words of blocks `block` to `block + 3`. */
export function philox16(k0: u32, k1: u32, lane: u32, n0: u32, n1: u32, block: u32, out: usize): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  let x0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(lane);
  let x2 = i32x4.splat(n0);
  let x3 = i32x4.splat(n1);
  for (let round = 0; round < 10; round++) {
    const a0 = i64x2.extmul_low_i32x4_u(x0, m0);
    const a1 = i64x2.extmul_high_i32x4_u(x0, m0);
    const b0 = i64x2.extmul_low_i32x4_u(x2, m1);
    const b1 = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(highWords(b0, b1), x1), i32x4.splat(k0));
    x2 = v128.xor(v128.xor(highWords(a0, a1), x3), i32x4.splat(k1));
    x1 = lowWords(b0, b1);
    x3 = lowWords(a0, a1);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  const p0 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
  const p1 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
  const q0 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
  const q1 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(p0, q0, 0, 2));
  v128.store(out, i64x2.shuffle(p0, q0, 1, 3), 16);
  v128.store(out, i64x2.shuffle(p1, q1, 0, 2), 32);
  v128.store(out, i64x2.shuffle(p1, q1, 1, 3), 48);
}

/** The first `n` words of a lane. `scratch` holds 64 bytes. */
export function randomWords(k0: u32, k1: u32, n0: u32, n1: u32, lane: u32, n: i32, out: usize, scratch: usize): void {
  let at: usize = out;
  let block: u32 = 0;
  let left = n;
  for (; left >= 16; left -= 16) {
    philox16(k0, k1, lane, n0, n1, block, at);
    at += 64;
    block += 4;
  }
  if (left == 0) return;
  philox16(k0, k1, lane, n0, n1, block, scratch);
  memory.copy(at, scratch, <usize>left << 2);
}
