import { isIP } from 'node:net'
import type { AddressRules } from './address-rules.ts'

export type UrlRefusal =
  | 'not_a_url'
  | 'too_long'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'local_name'
  | 'address'

export type CheckedUrl =
  | { readonly ok: true; readonly url: URL }
  /** The message says what to change, and holds nothing of the URL: a URL can be a secret. */
  | { readonly ok: false; readonly refusal: UrlRefusal; readonly message: string }

const LONGEST = 2_048
/** Spaces, control characters and backslashes: parsers disagree on what they mean in a URL. */
const AMBIGUOUS = /[\s\p{Cc}\\]/u
/** Names that never are public: RFC 6761, 6762, 8375, 9476, and ICANN's `.internal`. */
const LOCAL_SUFFIXES = [
  ...['localhost', 'local', 'internal', 'home.arpa', 'localdomain', 'lan', 'intranet', 'corp'],
  ...['home', 'private', 'test', 'invalid', 'alt', 'onion'],
]

/**
 * Whether a URL that a caller gave may be called. Asked when it is stored and before each call; which address its
 * name leads to is looked at when it is dialled.
 */
export function checkCallbackUrl(text: string, rules: AddressRules): CheckedUrl {
  const refuse = (refusal: UrlRefusal, message: string): CheckedUrl => ({
    ok: false,
    refusal,
    message,
  })
  if (text.length > LONGEST) return refuse('too_long', `A URL has at most ${LONGEST} characters.`)
  if (AMBIGUOUS.test(text) || !URL.canParse(text)) {
    return refuse('not_a_url', 'This is not an absolute URL, such as https://example.com/hook.')
  }
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(rules.allowsHttp && url.protocol === 'http:')) {
    return refuse('scheme', 'The URL must begin with https://.')
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('credentials', 'The URL must hold no user name and no password.')
  }
  if (url.port !== '' && !rules.allowsAnyPort) {
    return refuse('port', 'The URL must name no port but 443.')
  }
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(literal) !== 0) {
    const refusal = rules.refusalOf(literal)
    return refusal === null
      ? { ok: true, url }
      : refuse('address', `The URL must name a public address; this one is ${wordsOf(refusal)}.`)
  }
  if (!rules.allowsLocalNames && isLocalName(url.hostname)) {
    return refuse('local_name', 'The URL must name a host in public DNS, without a dot at its end.')
  }
  return { ok: true, url }
}

function isLocalName(name: string): boolean {
  return (
    // One label is completed by the search list of the machine, and a dot at the end hides the name from such lists.
    !name.includes('.') ||
    name.endsWith('.') ||
    LOCAL_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
  )
}

function wordsOf(refusal: NonNullable<ReturnType<AddressRules['refusalOf']>>): string {
  switch (refusal) {
    case 'loopback':
      return "the machine's own"
    case 'private':
      return 'of a private network'
    case 'metadata':
      return "a cloud's own"
    case 'special':
      return 'reserved'
    case 'not_an_address':
      return 'none that can be dialled'
  }
}
