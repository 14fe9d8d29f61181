import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element with its names resolved. */
export interface XmlElement {
  readonly namespace: string
  readonly name: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** Its own text, without that of its children. */
  readonly text: string
  /** What a prefix means here; names may stand in values too. */
  readonly prefixes: ReadonlyMap<string, string>
}

export interface XmlAttribute {
  readonly namespace: string
  readonly name: string
  readonly value: string
}

/** Text that is not XML, or XML that is not taken. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const MOST_DEPTH = 20
const TEXT = '#text'
const CDATA = '#cdata'
const ATTRIBUTES = ':@'
/** XML 1.0, 2.2: what no document may hold. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u
const PREDEFINED: Readonly<Record<string, string>> = {
  ...{ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" },
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Decoded below: those that XML itself defines, and none that a document makes up.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MOST_DEPTH,
})

/** The root of an XML document. A DTD is refused, and with it every entity of its own. @throws {XmlError} */
export function readXml(text: string): XmlElement {
  if (/<!(?:doctype|entity)/i.test(text)) throw new XmlError('A DTD is not taken.')
  if (NO_CHARACTER.test(text)) throw new XmlError('It holds a character that XML does not have.')
  const encoding = /^\s*<\?xml\b[^>]*\bencoding\s*=\s*["']([\w-]*)["']/.exec(text)?.[1] ?? 'utf-8'
  if (encoding.toLowerCase() !== 'utf-8') throw new XmlError('It must be in UTF-8.')
  const checked = XMLValidator.validate(text)
  if (checked !== true) throw new XmlError(`It is not well-formed, at line ${checked.err.line}.`)
  const [root, ...others] = elementsOf(parse(text), new Map([['', '']]))
  if (root === undefined || others.length > 0) throw new XmlError('It must have one root.')
  return root
}

/** The one child of that name. */
export function childOf(parent: XmlElement, namespace: string, name: string): XmlElement | null {
  return parent.children.find((each) => each.name === name && each.namespace === namespace) ?? null
}

function parse(text: string): unknown {
  try {
    return parser.parse(text)
  } catch (error) {
    throw new XmlError('It is not well-formed, or nested too deep.', { cause: error })
  }
}

type Prefixes = ReadonlyMap<string, string>

/** The elements of a list as the parser gives it: each an object of the element's name, and of its attributes. */
function elementsOf(nodes: unknown, outer: Prefixes): readonly XmlElement[] {
  return listOf(nodes).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES)
    if (name === undefined || name === TEXT || name === CDATA) return []
    return [elementOf(name, node, outer)]
  })
}

function elementOf(name: string, node: Readonly<Record<string, unknown>>, outer: Prefixes) {
  const given = Object.entries(recordOf(node[ATTRIBUTES])).map(
    ([key, value]) => [key, decode(String(value))] as const,
  )
  const declared = given.flatMap(([key, value]) =>
    key === 'xmlns' || key.startsWith('xmlns:') ? [[key.slice(6), value] as const] : [],
  )
  const prefixes = declared.length === 0 ? outer : new Map([...outer, ...declared])
  return {
    ...resolve(name, prefixes, prefixes.get('') ?? ''),
    // An attribute without a prefix is in no namespace.
    attributes: given.map(([key, value]) => ({ ...resolve(key, prefixes, ''), value })),
    children: elementsOf(node[name], prefixes),
    text: textOf(node[name]),
    prefixes,
  }
}

function resolve(name: string, prefixes: Prefixes, fallback: string) {
  const colon = name.indexOf(':')
  if (colon < 0) return { namespace: fallback, name }
  return { namespace: prefixes.get(name.slice(0, colon)) ?? '', name: name.slice(colon + 1) }
}

function textOf(nodes: unknown): string {
  return listOf(nodes)
    .map((node) => {
      if (TEXT in node) return decode(String(node[TEXT]))
      return CDATA in node
        ? listOf(node[CDATA])
            .map((part) => String(part[TEXT] ?? ''))
            .join('')
        : ''
    })
    .join('')
}

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&]{0,12});?/g, (whole, name: string) => {
    const code = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name)
    const decoded = code === null ? PREDEFINED[name] : characterOf(code[1], code[2])
    if (decoded !== undefined && whole.endsWith(';')) return decoded
    throw new XmlError('It holds an entity that XML itself does not define.')
  })
}

function characterOf(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\u0000'
  return NO_CHARACTER.test(character) ? undefined : character
}

function listOf(nodes: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(nodes) ? nodes.map(recordOf) : []
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // What the parser gives is made of plain objects; anything else is nothing to us.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
