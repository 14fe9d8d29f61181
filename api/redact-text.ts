const LONGEST = 300
/** API keys, secrets of webhooks and paths of outbound messages, tokens of sessions (which hold hyphens), bearer tokens, Salesforce session ids (`00D…!…`) and JSON web tokens, wherever callers put them. */
const SECRETS =
  /(?<=outbound.messages\/)[^/?#\s]+|cvy_[\w-]+|bearer\s+\S+|basic\s+\S+|00D[A-Za-z0-9]{12,15}(?:!|%21)[\w.%]+|eyJ[\w-]+\.[\w-]+\.[\w-]*/gi

/** Text of a caller as a log may hold it: short, and without what looks like a secret. */
export function redactText(text: string): string {
  return text.replace(SECRETS, '[redacted]').slice(0, LONGEST)
}
