/** Longest name that every file system takes, in octets, with room for a " (1)". */
const NAME_OCTETS = 240;

/**
 * What mailbox providers refuse wherever it stands, in archives too (Gmail's list), because a double click runs it. A mail with one of
 * these would come back.
 */
const RUNNABLE = new Set(
  (
    'ade adp apk app appx appxbundle bat bin cab chm cmd com command cpl deb diagcab diagcfg diagpkg dll dmg ex ex_ exe hta img ins iso ' +
    'isp jar jnlp jqs js jse lib lnk mde mjs msc msi msix msixbundle msp mst nsh pif pkg ps1 psm1 reg rpm scf scr sct sh shb sys url vb ' +
    'vbe vbs vhd vhdx vxd wsc wsf wsh xll'
  ).split(' '),
);

/** Turns the direction of what follows: `annexe‮fdp.exe` reads as a PDF. With what shows nothing at all. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A file's name as it may stand in a mail: without its folder, control characters and direction marks, and without the dots and spaces
 * at its end that Windows drops (`a.exe.` is `a.exe`). Empty where nothing is left.
 */
export function safeFileName(name: string): string {
  const visible = name.toWellFormed().normalize('NFC').replaceAll(DECEIVING, '');
  const base = (visible.split(/[/\\]/).at(-1) ?? '').replaceAll(/[<>:"|?*]/g, '_').trim();
  return shortened(base.replace(/[. ]+$/, ''));
}

/** The ending of a file that a double click runs, or undefined. */
export function runnableEnding(name: string): string | undefined {
  const ending = endingOf(safeFileName(name));
  return RUNNABLE.has(ending) ? ending : undefined;
}

/** In lower case, without its dot; '' where there is none. */
export function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** From the middle, so that the ending stays. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= NAME_OCTETS) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : '';
  const characters = Array.from(name.slice(0, name.length - ending.length));
  while (Buffer.byteLength(characters.join('') + ending) > NAME_OCTETS) characters.pop();
  return characters.join('') + ending;
}
