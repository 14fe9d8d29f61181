/** An element of a parsed document, its names resolved to namespaces. */
export interface XmlElement {
  /** Empty for none. */
  readonly namespace: string
  readonly name: string
  readonly children: XmlElement[]
  /** The element's own text, in one piece. */
  text: string
}

/** A text that is no XML document of the kind that SOAP allows. */
export class XmlError extends Error {
  override name = 'XmlError'
}

type Scope = ReadonlyMap<string, string>

const NAME = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?'
const TOKEN = new RegExp(
  `<!--[\\s\\S]*?-->|<\\?[\\s\\S]*?\\?>|<!\\[CDATA\\[[\\s\\S]*?\\]\\]>` +
    `|</${NAME}\\s*>|<${NAME}(?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*\\s*/?>|[^<]+`,
  'y',
)
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g')
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

/** Each level may hold namespaces of its own: without a limit they would fill the memory. */
const DEEPEST = 100

/**
 * Reads a small document, as answers to messages are. Document types are refused, as SOAP 1.1 does:
 * they are the way to entities that expand without end. Throws XmlError.
 */
export function parseXml(source: string): XmlElement {
  const text = source.replace(/^\uFEFF/, '')
  const root: XmlElement = { namespace: '', name: '', children: [], text: '' }
  const open: { element: XmlElement; tag: string; scope: Scope }[] = []
  const outermost = { element: root, tag: '', scope: new Map([['', '']]) }
  let position = 0
  while (position < text.length) {
    TOKEN.lastIndex = position
    const token = TOKEN.exec(text)?.[0]
    if (token === undefined) throw new XmlError(`not well-formed at character ${position}`)
    position += token.length
    const parent = open.at(-1) ?? outermost
    if (token.startsWith('<!--') || token.startsWith('<?')) continue
    if (token.startsWith('<![CDATA[')) parent.element.text += token.slice(9, -3)
    else if (token.startsWith('</')) {
      const tag = token.slice(2, -1).trim()
      if (open.pop()?.tag !== tag) throw new XmlError(`</${tag}> closes what was not opened`)
    } else if (token.startsWith('<')) {
      const tag = /^<([^\s/>]+)/.exec(token)?.[1] ?? ''
      const scope = declared(token, parent.scope)
      const element = { ...resolve(tag, scope), children: [], text: '' }
      parent.element.children.push(element)
      if (token.endsWith('/>')) continue
      if (open.length === DEEPEST) throw new XmlError('elements are nested too deep')
      open.push({ element, tag, scope })
    } else parent.element.text += unescaped(token)
  }
  const [document, second] = root.children
  if (open.length > 0) throw new XmlError('the document breaks off')
  if (document === undefined || second !== undefined || root.text.trim() !== '') {
    throw new XmlError('a document has one outermost element')
  }
  return document
}

function declared(token: string, outer: Scope): Scope {
  if (!token.includes('xmlns')) return outer
  const scope = new Map(outer)
  for (const [, name = '', double, single] of token.matchAll(ATTRIBUTE)) {
    const value = unescaped(double ?? single ?? '')
    if (name === 'xmlns') scope.set('', value)
    else if (name.startsWith('xmlns:')) scope.set(name.slice(6), value)
  }
  return scope
}

function resolve(tag: string, scope: Scope): { namespace: string; name: string } {
  const colon = tag.indexOf(':')
  const prefix = colon < 0 ? '' : tag.slice(0, colon)
  const namespace = scope.get(prefix)
  if (namespace === undefined) throw new XmlError(`the prefix of ${tag} is not declared`)
  return { namespace, name: tag.slice(colon + 1) }
}

function unescaped(text: string): string {
  return text.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
    const code = /^#x([0-9a-f]+)$/i.exec(name)?.[1]
    const point =
      code === undefined ? /^#(\d+)$/.exec(name)?.[1] : String(Number.parseInt(code, 16))
    const known =
      point === undefined
        ? ENTITIES[name]
        : Number(point) <= 0x10ffff && String.fromCodePoint(Number(point))
    if (!whole.endsWith(';') || known === undefined || known === false) {
      throw new XmlError(`${whole} is no known entity`)
    }
    return known
  })
}
