import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element with its names resolved. */
export interface XmlElement {
  readonly namespace: string
  readonly name: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** Its own text, without that of its children. */
  readonly text: string
}

export interface XmlAttribute {
  readonly namespace: string
  readonly name: string
  readonly value: string
}

/** How large a document may be, beside the length of its text. */
export interface XmlBounds {
  readonly elements: number
  /** Of namespaces, in all elements together. */
  readonly declarations: number
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
export function readXml(text: string, bounds: XmlBounds): XmlElement {
  if (/<!(?:doctype|entity)/i.test(text)) throw new XmlError('A DTD is not taken.')
  if (NO_CHARACTER.test(text)) throw new XmlError('It holds a character that XML does not have.')
  const encoding = /^\s*<\?xml\b[^>]*\bencoding\s*=\s*["']([\w-]*)["']/.exec(text)?.[1] ?? 'utf-8'
  if (encoding.toLowerCase() !== 'utf-8') throw new XmlError('It must be in UTF-8.')
  requireFewTags(text, bounds.elements)
  const checked = XMLValidator.validate(text)
  if (checked !== true) throw new XmlError(`It is not well-formed, at line ${checked.err.line}.`)
  const scope = {
    declared: new Map(),
    outer: null,
    budget: { left: bounds.declarations, most: bounds.declarations },
  }
  const [root, ...others] = elementsOf(parse(text), scope)
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

/** Counted in the text: what the parser makes of an element takes many times the room of its tags. */
function requireFewTags(text: string, most: number): void {
  let left = most
  for (const _tag of text.matchAll(/<[^/!?]/g)) {
    left -= 1
    if (left < 0) throw new XmlError(`It has more than ${most} elements.`)
  }
}

/**
 * What prefixes mean in an element: what it declares itself, and what it has of those around it. Linked, never copied:
 * many declarations outside many elements with one of their own would exhaust memory.
 */
interface Scope {
  readonly declared: ReadonlyMap<string, string>
  readonly outer: Scope | null
  /** Of the whole document. */
  readonly budget: { left: number; readonly most: number }
}

/** The elements of a list as the parser gives it: each an object of the element's name, and of its attributes. */
function elementsOf(nodes: unknown, outer: Scope): readonly XmlElement[] {
  return listOf(nodes).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES)
    if (name === undefined || name === TEXT || name === CDATA) return []
    return [elementOf(name, node, outer)]
  })
}

function elementOf(name: string, node: Readonly<Record<string, unknown>>, outer: Scope) {
  const given = Object.entries(recordOf(node[ATTRIBUTES])).map(
    ([key, value]) => [key, decode(String(value))] as const,
  )
  const declared = given.flatMap(([key, value]) =>
    key === 'xmlns' || key.startsWith('xmlns:') ? [[key.slice(6), value] as const] : [],
  )
  const scope = declared.length === 0 ? outer : scopeWithin(outer, declared)
  return {
    ...resolve(name, scope, meaningOf('', scope)),
    // An attribute without a prefix is in no namespace.
    attributes: given.map(([key, value]) => ({ ...resolve(key, scope, ''), value })),
    children: elementsOf(node[name], scope),
    text: textOf(node[name]),
  }
}

function scopeWithin(outer: Scope, declared: readonly (readonly [string, string])[]): Scope {
  const { budget } = outer
  budget.left -= declared.length
  if (budget.left < 0) {
    throw new XmlError(`It declares more than ${budget.most} namespaces.`)
  }
  return { declared: new Map(declared), outer, budget }
}

function meaningOf(prefix: string, scope: Scope): string {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const meaning = at.declared.get(prefix)
    if (meaning !== undefined) return meaning
  }
  return ''
}

function resolve(name: string, scope: Scope, fallback: string) {
  const colon = name.indexOf(':')
  if (colon < 0) return { namespace: fallback, name }
  return { namespace: meaningOf(name.slice(0, colon), scope), name: name.slice(colon + 1) }
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
