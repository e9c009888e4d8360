const SLAB_OCTETS = 2 ** 20;

let slab = Buffer.allocUnsafeSlow(SLAB_OCTETS);
let used = 0;

/**
 * Memory for a mail on its way, cut from a larger piece. Memory of its own for each mail lies outside the heap, and so much of it
 * makes the garbage collector run far more often: a tenth of a worker's time in a blast. A slab goes when its last mail has gone.
 */
export function octetsFor(size: number): Buffer {
  if (size > SLAB_OCTETS / 8) return Buffer.allocUnsafeSlow(size);
  if (used + size > SLAB_OCTETS) {
    slab = Buffer.allocUnsafeSlow(SLAB_OCTETS);
    used = 0;
  }
  const octets = slab.subarray(used, used + size);
  used += size;
  return octets;
}

/** All of them in one piece. */
export function joined(...parts: readonly Buffer[]): Buffer {
  const target = octetsFor(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return target;
}
