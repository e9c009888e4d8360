const ROUNDS = 5;

/**
 * CPU of this process, its thread pool included, in milliseconds a mail: the best of some rounds.
 * @param lanes how many are under way at once
 */
export async function cpuPerMail(
  mails: number,
  work: (number: number) => unknown,
  lanes = 1,
): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    let next = 0;
    const lane = async () => {
      while (next < mails) await work(next++);
    };
    const began = process.cpuUsage();
    await Promise.all(Array.from({ length: lanes }, lane));
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000 / mails);
  }
  return best;
}
