/** `#rrggbb`; the only form a colour may have here, because it is written into a style sheet. */
const HEX = /^#[0-9a-f]{6}$/i;

type Rgb = readonly [number, number, number];

export function isColour(value: string): boolean {
  return HEX.test(value);
}

function parse(colour: string): Rgb {
  if (!isColour(colour))
    throw new Error(`"${colour}" is not a colour: six hex digits after #, as in #b4441c`);
  const part = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

function format(rgb: Rgb): string {
  return '#' + rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('');
}

/** Relative luminance, WCAG 2.2. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((value) => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(parse(one)), luminance(parse(other))].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

/** White where it can be read on the colour (4.5 : 1), else whichever of ink and white reads better. */
export function textOn(colour: string): string {
  const [white, ink] = ['#ffffff', '#1c1917'];
  if (contrast(white, colour) >= 4.5) return white;
  return contrast(white, colour) > contrast(ink, colour) ? white : ink;
}

/** The colour itself, or moved towards black or white in small steps until it reads as text on `background`. */
export function readableOn(background: string, colour: string, ratio = 4.5): string {
  const towards = luminance(parse(background)) > 0.18 ? 0 : 255;
  const from = parse(colour);
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = format(from.map((value) => value + (towards - value) * share) as unknown as Rgb);
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return towards === 0 ? '#000000' : '#ffffff';
}
