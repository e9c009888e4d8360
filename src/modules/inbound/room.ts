/** So many octets for all mails that are being received, however many connections there are. */
export class Room {
  private used = 0;

  constructor(private readonly octets: number) {}

  /** @returns false, and takes nothing, where there is no room for so many */
  take(octets: number): boolean {
    if (this.used + octets > this.octets) return false;
    this.used += octets;
    return true;
  }

  give(octets: number): void {
    this.used -= octets;
  }
}
