/** Exit codes of the command; a failed node or file takes precedence over a failed gate (`EXIT_CODE` of the runtime). */
export const EXIT = { ok: 0, gate: 1, user: 2, run: 3, bug: 4, interrupted: 130, terminated: 143 } as const;
