const GIB = 2 ** 30;

/** `little`: the operator should know. `none`: mail may stop at any moment, because nothing leaves without its line in the journal. */
export type DiskRoom = 'enough' | 'little' | 'none';

/** @param free octets that may be written */
export function diskRoom(free: number): DiskRoom {
  if (free < GIB / 4) return 'none';
  return free < 2 * GIB ? 'little' : 'enough';
}

/** `1.4 GiB`. */
export function inGib(octets: number): string {
  return `${(octets / GIB).toFixed(octets < 10 * GIB ? 1 : 0)} GiB`;
}
