/**
 * Puts variables into a value as `docker compose` does: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`,
 * one inside the default of another, and `$$` for a dollar sign.
 * @throws Error for a required variable that is not set, and for what is none of these.
 */
export function interpolate(
  value: string,
  variables: Readonly<Record<string, string | undefined>>,
): string {
  let done = ''
  for (let at = 0; at < value.length; ) {
    if (value[at] !== '$') {
      done += value[at]
      at += 1
    } else if (value[at + 1] === '$') {
      done += '$'
      at += 2
    } else {
      const end = endOfVariable(value, at)
      done += resolve(value.slice(at + 2, end), variables)
      at = end + 1
    }
  }
  return done
}

/** Where the brace closes that opens right after `start`, over braces inside. */
function endOfVariable(value: string, start: number): number {
  let depth = 0
  for (let at = start + 1; at < value.length; at += 1) {
    if (value[at] === '{') depth += 1
    if (value[at] === '}') depth -= 1
    if (depth === 0) {
      if (at > start + 1) return at
      break
    }
  }
  throw new Error(`A dollar sign stands alone in ${value}; write $$ for one.`)
}

function resolve(
  expression: string,
  variables: Readonly<Record<string, string | undefined>>,
): string {
  const [, name, kind, rest = ''] = /^(\w+)(?:(:[-?])(.*))?$/s.exec(expression) ?? []
  if (name === undefined) throw new Error(`\${${expression}} is not understood.`)
  // With the colon an empty variable counts as unset.
  const given = variables[name] ?? ''
  if (given !== '' || kind === undefined) return given
  if (kind === ':-') return interpolate(rest, variables)
  throw new Error(`${name} ${rest}`)
}
