import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The records of a domain, or how its DNS fails. */
export type Zone =
  | {
      readonly mx?: readonly string[];
      readonly a?: readonly string[];
      readonly aaaa?: readonly string[];
      readonly txt?: readonly string[];
      readonly ptr?: readonly string[];
    }
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'silent';

const types = { mx: 15, a: 1, aaaa: 28, txt: 16, ptr: 12 } as const;
const rcodes = { NXDOMAIN: 3, SERVFAIL: 2 } as const;

/** A real DNS server on loopback (RFC 1035 over UDP) that knows a few domains; any other name is NXDOMAIN. */
export class DnsServer {
  /** Every question, as `MX example.com`. */
  readonly questions: string[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly zones: Record<string, Zone>,
  ) {
    socket.on('message', (query, peer) => {
      const answer = this.answer(query);
      if (answer) socket.send(answer, peer.port, peer.address);
    });
  }

  static async start(zones: Record<string, Zone>): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket, zones);
  }

  /** As DNS_SERVERS takes it. */
  get server(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }

  private answer(query: Buffer): Buffer | undefined {
    const { name, end } = readName(query, 12);
    const type = query.readUInt16BE(end);
    const kind = (Object.keys(types) as (keyof typeof types)[]).find((key) => types[key] === type);
    this.questions.push(`${kind?.toUpperCase() ?? type} ${name}`);
    const zone = this.zones[name.toLowerCase()] ?? 'NXDOMAIN';
    if (zone === 'silent') return undefined;
    const question = query.subarray(12, end + 4);
    if (typeof zone === 'string') return Buffer.concat([header(query, rcodes[zone], 0), question]);
    const records = (kind && zone[kind]) ?? [];
    const answers = records.map((record) => resourceRecord(type, dataOf(type, record)));
    return Buffer.concat([header(query, 0, answers.length), question, ...answers]);
  }
}

/** RFC 1035 §4.1.1: an answer (QR), authoritative (AA), with recursion as it was asked for and available. */
function header(query: Buffer, rcode: number, answers: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(query.readUInt16BE(0), 0);
  head.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | rcode, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers, 6);
  return head;
}

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function writeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ]);
}

/** The name is that of the question (a pointer to octet 12), the time to live a minute. */
function resourceRecord(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/**
 * `10 mx.example.com` for MX (a lone dot is the null MX of RFC 7505), an address for A and AAAA (the latter in full), a text for TXT, a
 * name for PTR.
 */
function dataOf(type: number, record: string): Buffer {
  if (type === types.a) return Buffer.from(record.split('.').map(Number));
  if (type === types.txt) return textStrings(record);
  if (type === types.ptr) return writeName(record);
  if (type === types.aaaa) return Buffer.from(record.replaceAll(':', ''), 'hex');
  const [preference = '0', exchange = ''] = record.split(' ');
  const number = Buffer.alloc(2);
  number.writeUInt16BE(Number(preference));
  return Buffer.concat([number, writeName(exchange)]);
}

/** RFC 1035 §3.3.14: a text in strings of at most 255 octets. */
function textStrings(text: string): Buffer {
  const strings = text.match(/[\s\S]{1,255}/g) ?? [''];
  return Buffer.concat(
    strings.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')])),
  );
}
