import { runnableEnding } from './file-name.js';

/** First octets of what runs. By content, because a name says what its sender wants. */
const PROGRAMS: readonly { what: string; at?: number; octets: Buffer }[] = [
  { what: 'a program for Linux', octets: Buffer.from('\x7fELF', 'latin1') },
  { what: 'a program for macOS', octets: Buffer.from('feedface', 'hex') },
  { what: 'a program for macOS', octets: Buffer.from('feedfacf', 'hex') },
  { what: 'a program for macOS', octets: Buffer.from('cefaedfe', 'hex') },
  { what: 'a program for macOS', octets: Buffer.from('cffaedfe', 'hex') },
  { what: 'a program for Java or macOS', octets: Buffer.from('cafebabe', 'hex') },
  { what: 'a Windows shortcut', octets: Buffer.from('4c0000000114020000000000c000000000000046', 'hex') },
  { what: 'a Windows cabinet', octets: Buffer.from('MSCF\0\0\0\0', 'latin1') },
  { what: 'a script', octets: Buffer.from('#!') },
  { what: 'a disc image', at: 0x8001, octets: Buffer.from('CD001') },
];

/** First octets by type, for types that are often named wrongly, or whose content was put into base64 twice. */
const BEGINNINGS: Readonly<Record<string, readonly Buffer[]>> = {
  'application/zip': [Buffer.from('PK\x03\x04'), Buffer.from('PK\x05\x06')],
  'image/gif': [Buffer.from('GIF8')],
  'image/jpeg': [Buffer.from('ffd8ff', 'hex')],
  'image/png': [Buffer.from('89504e470d0a1a0a', 'hex')],
};
/** ISO 32000-1, Annex H: readers look for the header in so many octets, and printers' drivers write something before it. */
const PDF_HEADER_WITHIN = 1024;

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06');
const DIRECTORY_ENTRY = 0x02014b50;
const ENTRY_OCTETS = 46;

/** What kind of program some content is, or holds where it is a ZIP archive; undefined where it is none. */
export function programIn(content: Buffer): string | undefined {
  if (isWindowsProgram(content)) return 'a program for Windows';
  const program = PROGRAMS.find(({ octets, at = 0 }) => startsWith(content, octets, at));
  if (program) return program.what;
  for (const name of namesInZip(content)) {
    const ending = runnableEnding(name);
    if (ending !== undefined) return `an archive with a .${ending} file`;
  }
  return undefined;
}

/** Whether content may be of this type; of most types nothing is known. */
export function mayBe(type: string, content: Buffer): boolean {
  if (type === 'application/pdf') return content.subarray(0, PDF_HEADER_WITHIN).includes('%PDF-');
  const beginnings = BEGINNINGS[type];
  return beginnings === undefined || beginnings.some((octets) => startsWith(content, octets, 0));
}

/** A text may begin with MZ too, but holds no NUL. */
function isWindowsProgram(content: Buffer): boolean {
  return startsWith(content, Buffer.from('MZ'), 0) && content.subarray(0, 64).includes(0);
}

function startsWith(content: Buffer, octets: Buffer, at: number): boolean {
  return content.subarray(at, at + octets.length).equals(octets);
}

/**
 * The names in the directory of a ZIP archive, which stand there in clear where the content is encrypted too (APPNOTE 4.3.12). Archives
 * in archives are not opened.
 */
function* namesInZip(content: Buffer): Generator<string> {
  const end = content.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || end + 22 > content.length || !startsWith(content, Buffer.from('PK'), 0)) return;
  let at = content.readUInt32LE(end + 16);
  while (at + ENTRY_OCTETS <= content.length && content.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => content.readUInt16LE(at + offset));
    const from = at + ENTRY_OCTETS;
    yield content.toString('utf8', from, from + (name ?? 0));
    at = from + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
}
