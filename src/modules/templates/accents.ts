import { paletteOf, type Palette } from './palette.js';

/**
 * Colours of the brand in MJML: `[[ accent ]]`, `[[ link ]]` and so on. MJML refuses Liquid in a colour attribute, so
 * each stands there as a colour of its own that nobody would choose, and becomes Liquid after the MJML compile.
 */
const STAND_INS: Record<string, { name: string; tone: keyof Palette }> = {
  '#0acce1': { name: 'accent', tone: 'accent' },
  '#0acce2': { name: 'on_accent', tone: 'onAccent' },
  '#0acce3': { name: 'link', tone: 'link' },
  '#0acce4': { name: 'link_dark', tone: 'linkDark' },
  '#0acce5': { name: 'button_dark', tone: 'buttonDark' },
  '#0acce6': { name: 'on_button_dark', tone: 'onButtonDark' },
};

/** For phase 1: the stand-in colours by name. */
export const accentColours: Record<string, string> = Object.fromEntries(
  Object.entries(STAND_INS).map(([colour, { name }]) => [name, colour]),
);

/** After the MJML compile: Liquid in place of the stand-ins. */
export function accentsToLiquid(html: string): string {
  return html.replace(/#0acce[1-6]/g, (colour) => `{{ brand.colour | tone: '${STAND_INS[colour]?.tone}' }}`);
}

/** The same Liquid, already filled: a brand's colour is the same for a million recipients. */
export function fillAccents(html: string, colour: unknown): string {
  const palette = paletteOf(colour);
  return html.replace(/\{\{ brand\.colour \| tone: '(\w+)' \}\}/g, (liquid, tone: string) =>
    tone in palette ? palette[tone as keyof Palette] : liquid,
  );
}
