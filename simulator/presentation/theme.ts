import { isCustom, type ObjectDefinition } from '../schema/field.ts'

/** Main colours of the Lightning theme; custom objects share one. */
const COLORS: Readonly<Record<string, string>> = {
  Account: '5867E8',
  Campaign: 'FF538A',
  Case: 'FF538A',
  Contact: '9602C7',
  Event: 'CB65FF',
  Lead: 'FF538A',
  Opportunity: 'FF5D2D',
  Product2: 'B781D3',
  Task: '3BA755',
  User: '3C97DD',
}
const OTHER_COLOR = '3BA755'
const LIGHTNING = 'theme4'

/** The colours and icons that the org shows an object with; the icons are named, not served. */
export interface Appearance {
  readonly colors: readonly object[]
  readonly icons: readonly object[]
  /** The large and the small picture. */
  readonly iconUrl: string
  readonly miniIconUrl: string
}

export function appearanceOf(object: ObjectDefinition, baseUrl: string): Appearance {
  const image = isCustom(object.name) ? 'custom/custom1' : `standard/${object.name.toLowerCase()}`
  const url = (size: string): string => `${baseUrl}/img/icon/t4v35/${image}${size}`
  const icon = (size: string, contentType: string, pixels: number): object => ({
    contentType,
    height: pixels,
    theme: LIGHTNING,
    url: url(size),
    width: pixels,
  })
  return {
    colors: [{ color: COLORS[object.name] ?? OTHER_COLOR, context: 'primary', theme: LIGHTNING }],
    icons: [
      // A drawing has no size of its own.
      icon('.svg', 'image/svg+xml', 0),
      icon('_60.png', 'image/png', 60),
      icon('_120.png', 'image/png', 120),
    ],
    iconUrl: url('_60.png'),
    miniIconUrl: url('_60.png'),
  }
}
