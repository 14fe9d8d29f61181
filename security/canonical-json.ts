import { decodeString, type JsonMember, type JsonNode } from './json-tokens.ts'

/** How a parsed body is written again to be signed. */
export interface CanonicalForm {
  readonly comma: string
  readonly colon: string
  /** As they were sent, or as Python's `json.dumps` writes them in ASCII. */
  readonly strings: 'sent' | 'python'
  /** As they were sent, or as Python prints what it read: `1E2` becomes `100.0`. */
  readonly numbers: 'sent' | 'python'
}

/**
 * The tree with its keys sorted at every level by code points, as all forms want it. Of a key that is given twice the
 * last value counts, as for every reader of JSON here.
 */
export function sortKeys(node: JsonNode): JsonNode {
  if (node.kind === 'array') return { ...node, items: node.items.map(sortKeys) }
  if (node.kind !== 'object') return node
  const last = new Map(node.members.map((member) => [member.key, member]))
  const compare = orderOf(node.members)
  const sorted = [...last.values()].sort((a, b) => compare(a.key, b.key))
  return {
    ...node,
    members: sorted.map((member) => ({ ...member, value: sortKeys(member.value) })),
  }
}

/**
 * The text in a canonical form, by its sorted tree; null where it has none, as for a number that Python reads as
 * infinite.
 */
export function canonicalJson(text: string, root: JsonNode, form: CanonicalForm): string | null {
  const parts: string[] = []
  return write(root) ? parts.join('') : null

  function write(node: JsonNode): boolean {
    switch (node.kind) {
      case 'object':
        return writeObject(node.members)
      case 'array':
        return writeArray(node.items)
      case 'string':
        parts.push(string(node))
        return true
      case 'number':
        return writeNumber(text.slice(node.start, node.end))
      case 'literal':
        parts.push(text.slice(node.start, node.end))
        return true
    }
  }

  function writeObject(members: readonly JsonMember[]): boolean {
    parts.push('{')
    let isFirst = true
    for (const { keyStart, keyEnd, value } of members) {
      if (!isFirst) parts.push(form.comma)
      isFirst = false
      parts.push(string({ start: keyStart, end: keyEnd }), form.colon)
      if (!write(value)) return false
    }
    parts.push('}')
    return true
  }

  function writeArray(items: readonly JsonNode[]): boolean {
    parts.push('[')
    let isFirst = true
    for (const item of items) {
      if (!isFirst) parts.push(form.comma)
      isFirst = false
      if (!write(item)) return false
    }
    parts.push(']')
    return true
  }

  function string(token: { readonly start: number; readonly end: number }): string {
    if (form.strings === 'sent') return text.slice(token.start, token.end)
    return pythonString(decodeString(text, token))
  }

  function writeNumber(token: string): boolean {
    const written = form.numbers === 'sent' ? token : pythonNumber(token)
    if (written === null) return false
    parts.push(written)
    return true
  }
}

const SURROGATE = /[\ud800-\udfff]/

/** The order in which Python sorts texts; that of JavaScript is another beyond U+FFFF, and much quicker. */
function orderOf(members: readonly JsonMember[]) {
  if (members.some(({ key }) => SURROGATE.test(key))) return compareCodePoints
  return (a: string, b: string) => (a < b ? -1 : 1)
}

function compareCodePoints(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; ) {
    const [left = 0, right = 0] = [a.codePointAt(at), b.codePointAt(at)]
    if (left !== right) return left - right
    at += left > 0xffff ? 2 : 1
  }
  return a.length - b.length
}

/** `json.dumps(text)`: all but printable ASCII escaped, a slash as it is, and whatever was escaped before no more. */
function pythonString(text: string): string {
  // JSON.stringify escapes the same below U+0080 but for DEL, and writes lone surrogates in small letters too.
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `json.dumps(json.loads(token))`; null for what Python does not write as JSON, or does not read. */
function pythonNumber(token: string): string | null {
  if (/^-?\d+$/.test(token)) {
    // Python refuses to read longer whole numbers.
    if (token.length > 4_300) return null
    return token === '-0' ? '0' : token
  }
  const value = Number(token)
  if (!Number.isFinite(value)) return null
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', power = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  return sign + (exponent < -4 || exponent >= 16 ? scientific() : plain())

  function scientific(): string {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const written = String(Math.abs(exponent)).padStart(2, '0')
    return `${digits.charAt(0)}${rest}e${exponent < 0 ? '-' : '+'}${written}`
  }

  function plain(): string {
    if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
    return `${whole}.${digits.slice(exponent + 1) || '0'}`
  }
}
