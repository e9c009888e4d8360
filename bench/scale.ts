import { parseArgs } from 'node:util';
import { compare } from './blast.js';
import { print } from './support/print.js';

/** The same blast with one and two news workers, on PostgreSQL and on Redis, each beside nodemailer with as many processes. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { recipients: { type: 'string', default: '30000' } } });
  const lines: string[] = [];
  for (const redis of [false, true]) {
    for (const processes of [1, 2]) {
      const { ours, theirs } = await compare(Number(values.recipients), { processes, redis });
      const rate = (value: number): string => Math.round(value).toLocaleString('en').padStart(7);
      lines.push(
        `${redis ? 'Redis     ' : 'PostgreSQL'}  ${processes} worker(s)  ${rate(ours)} messages/s   nodemailer ${rate(theirs)}`,
      );
      print('');
    }
  }
  for (const line of lines) print(line);
}
