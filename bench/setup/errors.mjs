/** An error that the caller of a bench can mend: shown without a stack. */
export const userError = (message) => Object.assign(new Error(message), { code: "BENCH_USER" });
