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

/** What names a file in a ZIP archive: its entry in the directory, and the head before its content. */
const ENTRIES = [
  { signature: Buffer.from('PK\x01\x02'), octets: 46, lengthAt: 28 },
  { signature: Buffer.from('PK\x03\x04'), octets: 30, lengthAt: 26 },
];

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
 * The names in a ZIP archive, which stand there in clear where the content is encrypted too (APPNOTE 4.3.12). By the signature of each
 * entry, in the directory and before each file, and not by where the archive says that its directory is: that place can be made to lie,
 * while programs that unpack find the files all the same. So archives are read too that something stands before, or that stand
 * uncompressed in others; compressed ones in others are not opened.
 */
function* namesInZip(content: Buffer): Generator<string> {
  for (const { signature, octets, lengthAt } of ENTRIES) {
    for (let at = content.indexOf(signature); at !== -1; at = content.indexOf(signature, at + 1)) {
      const from = at + octets;
      if (from > content.length) break;
      yield content.toString('utf8', from, from + content.readUInt16LE(at + lengthAt));
    }
  }
}
