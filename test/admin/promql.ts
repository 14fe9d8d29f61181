/** Words of PromQL, and the functions that our rules use: a misspelt function is found as well. */
const WORDS = new Set([
  ...[
    'by',
    'without',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'bool',
    'and',
    'or',
    'unless',
  ],
  ...['sum', 'max', 'min', 'avg', 'count', 'topk', 'rate', 'increase', 'histogram_quantile'],
])

export interface UsedMetric {
  readonly name: string
  /** Names of labels in its braces. */
  readonly labels: readonly string[]
}

export interface ReadExpression {
  readonly metrics: readonly UsedMetric[]
  /** Labels that results are grouped by. */
  readonly grouped: readonly string[]
}

/** What an expression asks for. @throws Error where its brackets do not fit. */
export function readExpression(expression: string): ReadExpression {
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  requireBalance(bare)
  const grouped: string[] = []
  const ungrouped = bare.replaceAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g, (_, names: string) => {
    grouped.push(...names.split(',').map((name) => name.trim()))
    return ' '
  })
  const metrics: UsedMetric[] = []
  const plain = ungrouped.replaceAll(/\[[^\]]*\]/g, ' ')
  for (const [, name = '', braces] of plain.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?/g)) {
    if (WORDS.has(name) && braces === undefined) continue
    const labels = [...(braces ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(
      ([, label]) => label ?? '',
    )
    metrics.push({ name, labels })
  }
  return { metrics, grouped }
}

function requireBalance(text: string): void {
  const open: string[] = []
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
  for (const sign of text) {
    if ('([{'.includes(sign)) open.push(sign)
    const opener = pairs[sign]
    if (opener !== undefined && open.pop() !== opener) throw new Error(`Brackets of ${text}`)
  }
  if (open.length > 0) throw new Error(`Brackets of ${text}`)
}
