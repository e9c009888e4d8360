/**
 * Colours of the brand in MJML: `[[ accent ]]`, `[[ link ]]` and so on. MJML refuses Liquid in a colour attribute, so
 * each stands there as a colour of its own that nobody would choose, and becomes Liquid after the MJML compile.
 */
const STAND_INS = {
  accent: { colour: '#0acce1', liquid: "{{ brand.colour | tone: 'accent' }}" },
  on_accent: { colour: '#0acce2', liquid: "{{ brand.colour | tone: 'onAccent' }}" },
  link: { colour: '#0acce3', liquid: "{{ brand.colour | tone: 'link' }}" },
  link_dark: { colour: '#0acce4', liquid: "{{ brand.colour | tone: 'linkDark' }}" },
  button_dark: { colour: '#0acce5', liquid: "{{ brand.colour | tone: 'buttonDark' }}" },
  on_button_dark: { colour: '#0acce6', liquid: "{{ brand.colour | tone: 'onButtonDark' }}" },
} as const;

const liquidOf = new Map<string, string>(Object.values(STAND_INS).map(({ colour, liquid }) => [colour, liquid]));

/** For phase 1: the stand-in colours by name. */
export const accentColours: Record<string, string> = Object.fromEntries(
  Object.entries(STAND_INS).map(([name, { colour }]) => [name, colour]),
);

/** After the MJML compile: Liquid in place of the stand-ins. */
export function fillInAccents(html: string): string {
  return html.replace(/#0acce[1-6]/g, (colour) => liquidOf.get(colour) ?? colour);
}
