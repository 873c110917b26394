/**
 * Temperature of an annealed gate, τ(e) = τ₀ (τ_end / τ₀)^(e/E) (DE-RRD, Kang et al., CIKM 2020; HTD, Kang et al., KDD 2021).
 * The papers' code updates τ after an epoch, so the first two epochs both use τ₀.
 * Past E it stays at τ_end: falling further, it would underflow and make the gate NaN.
 * @param epoch training epoch, from 0
 * @param horizon E, the epoch at which τ reaches `to`
 */
export function annealedTemperature(from: number, to: number, horizon: number, epoch: number): number {
  return from * (to / from) ** Math.min(1, Math.max(epoch - 1, 0) / horizon);
}
