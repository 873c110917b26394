import type { Kernels } from "@kdp/plugin-api";

type View = Float32Array | Float64Array | Int32Array;

/** Kernels whose allocations belong to one training. */
export interface Arena {
  readonly kernels: Kernels;
  /** Frees all that was allocated through {@link kernels} and not freed yet. */
  release(): void;
}

/**
 * Remembers what a model, its losses and the trainer allocate, so that a warm worker gets its memory back after a node,
 * whether the training ends, fails or is aborted.
 */
export function createArena(kernels: Kernels): Arena {
  const live = new Set<View>();
  let scopes = 0;
  const kept = <T extends View>(view: T): T => {
    // What is allocated inside a scope is freed by the scope.
    if (scopes === 0) live.add(view);
    return view;
  };
  const own: Partial<Kernels> = {
    f32: (length) => kept(kernels.f32(length)),
    f64: (length) => kept(kernels.f64(length)),
    i32: (length) => kept(kernels.i32(length)),
    f32From: (values) => kept(kernels.f32From(values)),
    i32From: (values) => kept(kernels.i32From(values)),
    free: (view) => {
      live.delete(view);
      kernels.free(view);
    },
    scope: (body) => {
      scopes++;
      try {
        return kernels.scope(body);
      } finally {
        scopes--;
      }
    },
  };
  const members = new Map<PropertyKey, unknown>(Object.entries(own));
  const recording = new Proxy(kernels, {
    get(target, name) {
      const known = members.get(name);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const bound: unknown = member.bind(target);
      members.set(name, bound);
      return bound;
    },
  });
  return {
    kernels: recording,
    release() {
      for (const view of live) kernels.free(view);
      live.clear();
    },
  };
}
