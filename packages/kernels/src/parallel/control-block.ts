// The control block of `assembly/team.ts`, as the host reads and writes it: indices of 32-bit words in the memory.

const word = (address: number): number => address / 4;

export const JOB_NUMBER = word(132);
export const PENDING = word(192);
export const LIMIT = word(320);
export const READY = word(324);
export const FAILED = word(328);
export const SEEN = word(332);

/** Value of LIMIT that ends the helpers. */
export const CLOSED = -1;

/** The words of the first page that lie below the kernels' constants. */
export const controlBlock = (buffer: SharedArrayBuffer): Int32Array => new Int32Array(buffer, 0, 256);
