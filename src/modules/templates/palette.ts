/**
 * Colours that follow from a brand's one colour, so that a pale or a black brand stays readable (WCAG 2.2 §1.4.3:
 * 4.5 to 1 for text). Mails and public pages share them.
 */
export interface Palette {
  accent: string;
  /** Text on the accent. */
  onAccent: string;
  /** Links on white. */
  link: string;
  /** Links on the dark card. */
  linkDark: string;
  /** A button on the dark card: the accent, unless it would sink into the card. */
  buttonDark: string;
  onButtonDark: string;
}

export const HOUSE_ACCENT = '#b4441c';
const HOUSE_LINK_DARK = '#f0936b';
const WHITE = '#ffffff';
const INK = '#1c1917';
const DARK_CARD = '#211e1b';
const DARK_INK = '#f3efe9';
const READABLE = 4.5;
const VISIBLE = 1.7;

const known = new Map<string, Palette>();

/** The palette of a colour (`#rgb` or `#rrggbb`; anything else counts as the house accent: a receipt goes out anyway). */
export function paletteOf(colour: unknown): Palette {
  const key = typeof colour === 'string' ? colour : '';
  const found = known.get(key);
  if (found) return found;
  const palette = makePalette(normalise(key));
  if (known.size < 1000) known.set(key, palette);
  return palette;
}

function makePalette(accent: string): Palette {
  const linkDark =
    accent === HOUSE_ACCENT
      ? HOUSE_LINK_DARK
      : towards(accent, WHITE, (tone) => contrast(tone, DARK_CARD) >= 6.5);
  const buttonDark = contrast(accent, DARK_CARD) >= VISIBLE ? accent : DARK_INK;
  return {
    accent,
    onAccent: textOn(accent),
    link: towards(accent, INK, (tone) => contrast(tone, WHITE) >= READABLE),
    linkDark,
    buttonDark,
    onButtonDark: textOn(buttonDark),
  };
}

function normalise(colour: string): string {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim())?.[1]?.toLowerCase();
  if (!hex) return HOUSE_ACCENT;
  return hex.length === 6 ? `#${hex}` : `#${hex.replace(/./g, '$&$&')}`;
}

/** White where it can be read, because it looks best on a saturated colour; otherwise what reads better. */
function textOn(background: string): string {
  const white = contrast(WHITE, background);
  return white >= READABLE || white >= contrast(INK, background) ? WHITE : INK;
}

/** Mixes in more and more of the other colour until the tone is good enough. */
function towards(colour: string, other: string, isGood: (tone: string) => boolean): string {
  const from = channels(colour);
  const to = channels(other);
  for (let share = 0; share < 1; share += 0.05) {
    const tone = toHex(from.map((value, i) => value + ((to[i] as number) - value) * share));
    if (isGood(tone)) return tone;
  }
  return other;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

function toHex(values: number[]): string {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}
